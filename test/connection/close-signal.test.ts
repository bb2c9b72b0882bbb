import { describe, expect, test } from "vitest";
import { CloseSignal } from "../../src/connection/close-signal.ts";
import { open } from "../support/connection-harness.ts";

function setUp() {
  const { connection } = open();
  const log: unknown[] = [];
  connection.removeAllListeners();
  connection.on("close", (...details) => log.push(details));
  let mustWait = false;
  const endpoint = { closeStatus: { code: 4001, reason: "why" }, error: null };
  const signal = new CloseSignal(connection, endpoint, () => mustWait);
  const hold = (held: boolean) => {
    mustWait = held;
  };
  return { signal, log, hold, connection };
}

describe("the close event", () => {
  test("is emitted when the connection is closed, and fulfils the promise with the same details", async () => {
    const { signal, log } = setUp();
    const { closed } = signal;
    signal.onClosed();
    signal.settle();
    expect(log).toEqual([[4001, "why", null]]);
    expect(await closed).toEqual({ code: 4001, reason: "why", error: null });
  });

  test("waits for messages that come before it, and so does the promise", async () => {
    const { signal, log, hold } = setUp();
    let isClosed = false;
    void signal.closed.then(() => {
      isClosed = true;
    });
    hold(true);
    signal.onClosed();
    await Promise.resolve();
    expect([log, signal.isWaiting, isClosed]).toEqual([[], true, false]);
    hold(false);
    signal.settle();
    await Promise.resolve();
    expect([log.length, signal.isWaiting, isClosed]).toEqual([1, false, true]);
  });

  test("is not emitted before the connection is closed", () => {
    const { signal, log } = setUp();
    signal.settle();
    expect(log).toEqual([]);
  });

  test("is repeated for a listener that is attached after it", async () => {
    const { signal, log, connection } = setUp();
    signal.onClosed();
    const late: unknown[] = [];
    const listener = (...details: unknown[]) => late.push(details);
    connection.on("close", listener);
    signal.onListener(listener);
    await new Promise(setImmediate);
    expect([log.length, late]).toEqual([1, [[4001, "why", null]]]);
  });
});

test("the promise is the same each time, also when it is first asked for after the event", async () => {
  const { signal } = setUp();
  signal.onClosed();
  const { closed } = signal;
  expect(signal.closed).toBe(closed);
  expect(await closed).toEqual({ code: 4001, reason: "why", error: null });
});
