function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

/**
 * The number in HTTP-version = "HTTP" "/" DIGIT "." DIGIT, which is case-sensitive (RFC 9112 section 2.3); null
 * for another text.
 */
export function httpVersion(text: string): string | null {
  if (text.length !== 8 || !text.startsWith("HTTP/") || text[6] !== ".") return null;
  return isDigit(text[5]) && isDigit(text[7]) ? text.slice(5) : null;
}
