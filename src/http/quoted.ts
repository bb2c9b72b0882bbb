const LIMIT = 100;
const ESCAPES: Readonly<Record<string, string>> = { "\r": "\\r", "\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

function escaped(char: string): string {
  const code = char.charCodeAt(0);
  const digits = code.toString(16);
  return ESCAPES[char] ?? (code > 0xff ? `\\u${digits.padStart(4, "0")}` : `\\x${digits.padStart(2, "0")}`);
}

/**
 * Formats text from a peer for an error: its first 100 characters, in printable ASCII only, so that it cannot control a
 * log or a terminal.
 */
export function printable(text: string): string {
  const shown = text.slice(0, LIMIT).replace(/[^ !#-[\]-~]/g, escaped);
  return text.length > LIMIT ? `${shown}...` : shown;
}

/** The same in double quotes. */
export function quoted(text: string): string {
  return `"${printable(text)}"`;
}
