/**
 * Checks that the result of work that had to wait is still needed: its connection may have closed in the meantime.
 *
 * @param isWanted whether the result is still needed
 * @throws Error if it is not
 */
export function ensureWanted(isWanted: () => boolean): void {
  if (!isWanted()) throw new Error("the connection closed before its message was processed");
}
