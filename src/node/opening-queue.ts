interface Line {
  /** Those who wait, in their order. */
  readonly waiting: (() => void)[];
  isFree: boolean;
  isHandingOn: boolean;
}

/**
 * RFC 6455 section 4.1, item 2: "There MUST be no more than one connection in a CONNECTING state" to the same address
 * and port. An attempt enters, and leaves when its handshake has succeeded or failed.
 */
export class OpeningQueue {
  /** A line for each address with an attempt under way. */
  readonly #lines = new Map<string, Line>();

  /** Calls back when it is the caller's turn, at once where nobody is ahead. @returns how to leave, once */
  enter(address: string, onTurn: () => void): () => void {
    const line = this.#lines.get(address);
    if (line === undefined) {
      this.#lines.set(address, { waiting: [], isFree: false, isHandingOn: false });
      onTurn();
    } else {
      line.waiting.push(onTurn);
    }
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#leave(address, onTurn);
    };
  }

  #leave(address: string, onTurn: () => void): void {
    const line = this.#lines.get(address);
    if (line === undefined) return;
    const place = line.waiting.indexOf(onTurn);
    // It gave up before its turn, or its turn is over.
    if (place >= 0) line.waiting.splice(place, 1);
    else this.#handOn(address, line);
  }

  /** A loop, since whoever gets the turn may leave at once: thousands of those would fill the stack. */
  #handOn(address: string, line: Line): void {
    line.isFree = true;
    if (line.isHandingOn) return;
    line.isHandingOn = true;
    while (line.isFree) {
      const next = line.waiting.shift();
      if (next === undefined) {
        this.#lines.delete(address);
        return;
      }
      line.isFree = false;
      next();
    }
    line.isHandingOn = false;
  }
}
