// Imported, not global: an application's fake timers must not stop the turns of the whole process.
import { setImmediate } from "node:timers";
import { Fifo } from "../../fifo.ts";
import { ensureWanted } from "./wanted.ts";

/** It takes 2 to 8 milliseconds. Some thousand chat messages do not use it up (decision 6). */
const WORK_IN_A_TURN = 8 << 20;

/**
 * Bounds the synchronous work of all connections of the process in one turn of the event loop. If the budget is used
 * up, work is done in a later turn, first come, first served, so that sockets, timers and other connections get their
 * turns in between.
 *
 * The unit of work is about a nanosecond.
 */
export class TurnBudget {
  readonly #limit: number;
  readonly #atNextTurn: (beginTurn: () => void) => void;
  readonly #beginTurn = () => this.#onTurn();
  readonly #waiting = new Fifo<() => void>();
  #spent = 0;
  /** Whether a callback for the next turn is scheduled: only while something is spent or waiting. */
  #scheduled = false;

  constructor(limit: number = WORK_IN_A_TURN, atNextTurn: (beginTurn: () => void) => void = setImmediate) {
    this.#limit = limit;
    this.#atNextTurn = atNextTurn;
  }

  /** Whether work may be done now. The last piece of a turn may exceed the budget, since costs are known afterwards. */
  get hasRoom(): boolean {
    return this.#spent < this.#limit && this.#waiting.isEmpty;
  }

  /** Counts work that was done, or is about to be. */
  spend(work: number): void {
    this.#spent += work;
    this.#schedule();
  }

  /**
   * Does work in a later turn; it calls `spend` itself.
   *
   * @param isWanted see {@link ensureWanted}; asked when the turn has come
   */
  later<Result>(work: () => Result | Promise<Result>, isWanted: () => boolean): Promise<Result> {
    this.#schedule();
    return new Promise((resolve, reject) => {
      this.#waiting.put(() => {
        try {
          ensureWanted(isWanted);
          resolve(work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#atNextTurn(this.#beginTurn);
  }

  #onTurn(): void {
    this.#scheduled = false;
    this.#spent = 0;
    while (this.#spent < this.#limit) {
      const next = this.#waiting.take();
      if (next === undefined) return;
      next();
    }
    this.#schedule();
  }
}
