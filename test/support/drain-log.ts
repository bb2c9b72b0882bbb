/** A check of the return values and events that show an application when to go on sending. */
import type { Connection } from "../../src/index.ts";

/**
 * Checks that after a `false`, exactly one of `drain` and `close` follows next, and that no `drain` comes without a
 * `false` before it.
 */
export class DrainLog {
  drains = 0;
  isClosed = false;
  /** The violations of this rule. */
  readonly faults: string[] = [];
  #waits = false;
  readonly #watchers = new Set<() => void>();

  constructor(connection: Connection<unknown>) {
    connection.on("drain", () => {
      if (!this.#waits) this.faults.push("drain without a false before it");
      if (this.isClosed) this.faults.push("drain after close");
      this.drains++;
      this.#settle();
    });
    connection.on("close", () => {
      if (this.isClosed) this.faults.push("a second close");
      this.isClosed = true;
      this.#settle();
    });
  }

  /** Whether a `false` has not been followed by an event yet. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Records the value that `send()`, `ping()` or `pong()` has returned. */
  note(goesOn: boolean): boolean {
    if (!goesOn && !this.isClosed) this.#waits = true;
    return goesOn;
  }

  /** Resolves when no event is awaited. */
  async settled(): Promise<void> {
    await this.#until(() => !this.#waits);
  }

  async closed(): Promise<void> {
    await this.#until(() => this.isClosed);
  }

  #settle(): void {
    this.#waits = false;
    for (const watcher of this.#watchers) watcher();
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}
