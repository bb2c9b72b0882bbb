/**
 * Guards work that had to wait: its connection may have closed meanwhile.
 *
 * @param isWanted whether anybody still needs the result
 * @throws Error if nobody does
 */
export function ensureWanted(isWanted: () => boolean): void {
  if (!isWanted()) throw new Error("the connection has closed before its message was processed");
}
