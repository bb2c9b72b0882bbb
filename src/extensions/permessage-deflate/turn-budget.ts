// Not the global function: fake timers of an application must not delay the messages of the whole process.
import { setImmediate } from "node:timers";
import { Fifo } from "../../fifo.ts";
import { ensureWanted } from "./wanted.ts";

/** 2 to 8 ms of work. Thousands of chat messages do not use it up (decision 6). */
const WORK_IN_A_TURN = 8 << 20;

/**
 * Bounds the synchronous work of all connections of the process in one turn of the event loop. Once the budget is used
 * up, work waits for a later turn, in the order of the calls, so that sockets, timers and other connections are not
 * delayed.
 *
 * The unit of work is about a nanosecond.
 */
export class TurnBudget {
  readonly #limit: number;
  readonly #atNextTurn: (beginTurn: () => void) => void;
  readonly #beginTurn = () => this.#onTurn();
  readonly #waiting = new Fifo<() => void>();
  #spent = 0;
  /** Whether the next turn is scheduled: only while work was done or is waiting. */
  #scheduled = false;

  /**
   * @param limit the work that may be done in one turn
   * @param atNextTurn calls back at the start of the next turn
   */
  constructor(limit: number = WORK_IN_A_TURN, atNextTurn: (beginTurn: () => void) => void = setImmediate) {
    this.#limit = limit;
    this.#atNextTurn = atNextTurn;
  }

  /** Whether work may be done now. The last piece of work may exceed the budget: its cost is known afterwards. */
  get hasRoom(): boolean {
    return this.#spent < this.#limit && this.#waiting.isEmpty;
  }

  /** Counts work that was done or is about to be done. */
  spend(work: number): void {
    this.#spent += work;
    this.#schedule();
  }

  /**
   * Calls `work` in a later turn. It must call `spend` itself.
   *
   * @param isWanted see {@link ensureWanted}; called in that turn
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
