interface Line {
  /** The callbacks of the attempts that wait, in their order. */
  readonly waiting: (() => void)[];
  isFree: boolean;
  isPassingOn: boolean;
}

/**
 * RFC 6455 section 4.1, item 2: "There MUST be no more than one connection in a CONNECTING state" to the same address
 * and port. An attempt enters, and leaves when its handshake has succeeded or failed.
 */
export class OpeningQueue {
  /** A line for each address with an attempt under way. */
  readonly #lines = new Map<string, Line>();

  /** Calls back when it is the caller's turn: at once if no attempt is ahead. @returns a function that leaves, once */
  enter(address: string, onTurn: () => void): () => void {
    const line = this.#lines.get(address);
    if (line === undefined) {
      this.#lines.set(address, { waiting: [], isFree: false, isPassingOn: false });
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
    // It has left before its turn, or its turn is over.
    if (place >= 0) line.waiting.splice(place, 1);
    else this.#passOn(address, line);
  }

  /** A loop, since an attempt that gets the turn may leave at once: thousands of those would fill the stack. */
  #passOn(address: string, line: Line): void {
    line.isFree = true;
    if (line.isPassingOn) return;
    line.isPassingOn = true;
    while (line.isFree) {
      const next = line.waiting.shift();
      if (next === undefined) {
        this.#lines.delete(address);
        return;
      }
      line.isFree = false;
      next();
    }
    line.isPassingOn = false;
  }
}
