/**
 * Guards work that had to wait: by now its connection may have closed.
 *
 * @param isWanted whether anybody still needs the result
 * @throws Error if nobody does
 */
export function ensureWanted(isWanted: () => boolean): void {
  if (!isWanted()) throw new Error("the connection has closed before its message was worked on");
}
