// Helpers for elements and formats. Data from the wire is inserted as text, never as markup.

export const byId = (id) => document.getElementById(id);

/** An element with a class, attributes and children (nodes or text). */
export function element(name, { className = "", ...attributes } = {}, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Seconds since the connection began. */
export const clock = (milliseconds) => (milliseconds / 1000).toFixed(3);

export const bytes = (n) => `${n.toLocaleString("en")} ${n === 1 ? "byte" : "bytes"}`;

/** "cafe" as "ca fe". */
export const spacedHex = (hex) => hex.replace(/..(?=.)/g, "$& ");

/** Control characters made visible: U+0000 as ␀, U+000A as ␊. */
export const visible = (text) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the function replaces control characters
  text.replace(/[\x00-\x1f\x7f]/g, (c) => String.fromCharCode(c === "\x7f" ? 0x2421 : 0x2400 + c.charCodeAt(0)));
