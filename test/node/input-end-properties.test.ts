/** The place of the end of the input, compared with a model over real sockets of each kind. */
import fc from "fast-check";
import { describe, test } from "vitest";
import { CARRIERS, type Carried, carried, framesFor, isSecure } from "../support/carriers.ts";
import { CLOSE, decodeFrame, type FrameSpec } from "../support/frames.ts";
import { Scenario, type Surroundings, scenarios } from "../support/input-scenarios.ts";
import { runs } from "../support/runs.ts";

class RealSurroundings implements Surroundings {
  /** The system drops what a process has not read, and so may node. */
  readonly keepsBeforeReset = false;
  readonly #carried: Carried;
  readonly #secure: boolean;

  constructor(made: Carried, secure: boolean) {
    this.#carried = made;
    this.#secure = secure;
  }

  get hasClosed(): boolean {
    const { received, ended, closed } = this.#carried.peer;
    if (ended || closed) return true;
    for (let rest = received, next = decodeFrame(rest); next !== null; next = decodeFrame(rest)) {
      if (next.opcode === CLOSE) return true;
      rest = rest.subarray(next.size);
    }
    return false;
  }

  send(...frames: readonly FrameSpec[]): void {
    this.#carried.peer.send(framesFor(this.#carried.role, ...frames));
  }

  end(): void {
    this.#carried.peer.socket.end();
  }

  reset(): void {
    const { socket } = this.#carried.peer;
    // Node 20 crashes if the socket under TLS is reset.
    if (this.#secure) socket.destroy();
    else socket.resetAndDestroy();
  }

  async turn(): Promise<void> {
    for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
  }

  async until(happened: () => boolean): Promise<void> {
    while (!happened()) await new Promise(setImmediate);
  }

  async second(): Promise<void> {}
}

describe.each(CARRIERS)("over %s", (carrier) => {
  test("whatever peer and application do, messages come in order and without a gap, and close comes once", async () => {
    await fc.assert(
      fc.asyncProperty(scenarios(["second"]), async (steps) => {
        const options = { maxQueuedAmount: 200, closeTimeout: 1 << 30, perMessageDeflate: false };
        const made = await carried(carrier, options);
        await new Scenario(made.connection, new RealSurroundings(made, isSecure(carrier))).run(steps);
        made.peer.socket.destroy();
        await made.server?.close({ timeout: 0 });
      }),
      { numRuns: runs(0.3) },
    );
  });
});
