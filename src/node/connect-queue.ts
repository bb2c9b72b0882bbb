/**
 * RFC 6455 section 4.1, item 2: "There MUST be no more than one connection in a CONNECTING state" to the same address
 * and port. An attempt enters, and leaves when its handshake has succeeded or failed.
 */
export class ConnectQueue {
  /** For each address with an attempt under way: those who wait, in their order. */
  readonly #waiting = new Map<string, (() => void)[]>();

  /** Calls back when it is the caller's turn, at once where nobody is ahead. @returns how to leave, once */
  enter(address: string, onTurn: () => void): () => void {
    const queue = this.#waiting.get(address);
    if (queue === undefined) {
      this.#waiting.set(address, []);
      onTurn();
    } else {
      queue.push(onTurn);
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(address, onTurn);
    };
  }

  #leave(address: string, onTurn: () => void): void {
    const queue = this.#waiting.get(address);
    if (queue === undefined) return;
    const place = queue.indexOf(onTurn);
    if (place >= 0) {
      // It gave up before its turn.
      queue.splice(place, 1);
      return;
    }
    const next = queue.shift();
    if (next === undefined) this.#waiting.delete(address);
    else next();
  }
}
