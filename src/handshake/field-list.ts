/** The values of header fields that are lists (RFC 9110 section 5.6.1). */

/** Whether a UTF-16 code unit is a space or a tab. */
export function isOws(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** `text` without the spaces and tabs at its ends; unlike `trim()`, which takes U+00A0 away too. */
export function trimOws(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isOws(text.charCodeAt(start))) start++;
  while (end > start && isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** The elements of a list over all its lines; empty ones do not count (RFC 9110 section 5.6.1.2). */
export function listElements(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split(","))
    .map(trimOws)
    .filter((element) => element !== "");
}

/** Whether a list has an element, given in lower case, in any case. */
export function hasElement(values: readonly string[], lowerCaseElement: string): boolean {
  return values.some(
    (value) =>
      // Mostly the list is that element alone.
      value.toLowerCase() === lowerCaseElement ||
      listElements([value]).some((element) => element.toLowerCase() === lowerCaseElement),
  );
}
