const HTTP_VERSION = /^HTTP\/([0-9]\.[0-9])$/;

/**
 * The number in HTTP-version = "HTTP" "/" DIGIT "." DIGIT, which is case-sensitive (RFC 9112 section 2.3).
 *
 * @returns null if the text is not an HTTP version
 */
export function httpVersion(text: string): string | null {
  return HTTP_VERSION.exec(text)?.[1] ?? null;
}
