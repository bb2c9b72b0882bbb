const MAX_CHARS = 100;

/** What a peer has sent, for a message that may end up in a terminal: in quotes, bounded, and in printable ASCII. */
export function quoted(text: string): string {
  const shown = text.length > MAX_CHARS ? `${text.slice(0, MAX_CHARS)}...` : text;
  return JSON.stringify(shown).replaceAll(/[^ -~]/g, escaped);
}

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
