/** The place of the end of the input, compared with a model over a transport that behaves as node's sockets do. */
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LISTENER_WAIT } from "../../src/connection/delivery.ts";
import { closeFrame, type Opened, open, ROLES, sentOf, text, turn, wire } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { CLOSE, type FrameSpec } from "../support/frames.ts";
import { Scenario, type Surroundings, scenarios } from "../support/input-scenarios.ts";
import { runs } from "../support/runs.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

class FakeSurroundings implements Surroundings {
  readonly keepsBeforeReset: boolean;
  readonly #opened: Opened;

  constructor(opened: Opened, keepsBeforeReset: boolean) {
    this.#opened = opened;
    this.keepsBeforeReset = keepsBeforeReset;
  }

  get hasClosed(): boolean {
    return sentOf(this.#opened, CLOSE).length > 0;
  }

  send(...frames: readonly FrameSpec[]): void {
    this.#opened.transport.deliver(wire(this.#opened.role, ...frames));
  }

  end(): void {
    this.#opened.transport.peerEnd();
  }

  reset(): void {
    this.#opened.transport.close(new Error("reset"));
  }

  turn(): Promise<void> {
    return turn();
  }

  async until(happened: () => boolean): Promise<void> {
    for (let turns = 0; turns < 5 && !happened(); turns++) await turn();
  }

  async second(): Promise<void> {
    vi.advanceTimersByTime(LISTENER_WAIT);
  }
}

const habits = fc.record({
  role: fc.constantFrom(...ROLES),
  afterPause: fc.constantFrom("holds" as const, "goesOn" as const),
});
/** What has happened to a socket before its connection begins to read. */
const beginnings = fc.constantFrom("nothing", "end", "reset");

test("an end or a reset before the connection begins to read comes behind the messages before it", async () => {
  await fc.assert(
    fc.asyncProperty(habits, beginnings, fc.nat(30), fc.boolean(), async ({ role }, beginning, count, isClosed) => {
      const frames = [
        ...Array.from({ length: count }, (_, i) => text(`${i}`)),
        ...(isClosed ? [closeFrame(4007)] : []),
      ];
      const opened = open({
        role,
        transport: new FakeTransport({ afterPause: "goesOn" }),
        beforeStart: (transport) => {
          transport.deliver(wire(role, ...frames));
          if (beginning === "end") transport.peerEnd();
          if (beginning === "reset") transport.close(new Error("reset"));
        },
      });
      for (let turns = 0; turns < 3; turns++) await turn();
      if (beginning === "nothing") opened.transport.close();
      await turn();
      expect(opened.of("message").flat()).toEqual(Array.from({ length: count }, (_, i) => `${i}`));
      expect(opened.of("close").map(([code]) => code)).toEqual([isClosed ? 4007 : 1006]);
      expect(opened.events.at(-1)?.[0]).toBe("close");
    }),
  );
});

test("whatever the peer and the application do, messages come in order and without a gap, and close comes once", async () => {
  await fc.assert(
    fc.asyncProperty(habits, scenarios(), async ({ role, afterPause }, all) => {
      vi.clearAllTimers();
      const transport = new FakeTransport({ afterPause });
      const opened = open({ role, transport, maxQueuedAmount: 200, closeTimeout: 1 << 30, deaf: ["message", "close"] });
      await new Scenario(opened.connection, new FakeSurroundings(opened, afterPause === "goesOn")).run(all);
      expect(vi.getTimerCount(), "timers left").toBe(0);
    }),
    { numRuns: runs(5) },
  );
});
