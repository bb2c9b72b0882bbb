/** The values of header fields that are lists (RFC 9110 section 5.6.1). */

/** Whether a UTF-16 code unit is a space or a tab. */
export function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** `text` without the spaces and tabs at its ends. Unlike `trim()`, it keeps U+00A0. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The elements of a list across all its lines, without empty elements (RFC 9110 section 5.6.1.2). */
export function listElements(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map(trimOws)
    .filter((element) => element !== "");
}

/** Whether a list contains an element, in any case. @param lowerCaseElement the element in lower case */
export function hasElement(values: readonly string[], lowerCaseElement: string): boolean {
  return values.some(
    (value) =>
      // Most lists consist of that element alone.
      value.toLowerCase() === lowerCaseElement ||
      listElements([value]).some((element) => element.toLowerCase() === lowerCaseElement),
  );
}
