import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { closeFrame, open, ROLES, text, turn } from "../support/connection-harness.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(ROLES)("as %s, closeCode, closeReason and error", (role) => {
  test("closeCode, closeReason and error are null, empty and null until the connection is closed", () => {
    const opened = open({ role });
    const { connection } = opened;
    expect([connection.closeCode, connection.closeReason, connection.error]).toEqual([null, "", null]);
    opened.receive(closeFrame(4001, "why"));
    expect(connection.readyState).toBe(2);
    expect([connection.closeCode, connection.closeReason, connection.error]).toEqual([null, "", null]);
  });

  test("closeCode and closeReason are those of the peer's Close frame", () => {
    const opened = open({ role });
    opened.receive(closeFrame(4001, "why"));
    opened.transport.close();
    const { connection } = opened;
    expect([connection.closeCode, connection.closeReason, connection.error]).toEqual([4001, "why", null]);
  });

  test("RFC 6455 section 7.1.5: closeCode is 1005 and closeReason empty if the Close frame had no code", () => {
    const opened = open({ role });
    opened.receive(closeFrame());
    opened.transport.close();
    expect([opened.connection.closeCode, opened.connection.closeReason]).toEqual([1005, ""]);
  });

  test.each([
    ["CUT_OFF", null],
    ["TRANSPORT_FAILED", new Error("reset")],
  ])("closeCode is 1006 and error is %s if the transport was gone without a Close frame", (code, cause) => {
    const opened = open({ role });
    opened.transport.close(cause);
    expect(opened.connection.closeCode).toBe(1006);
    expect(opened.connection.error).toMatchObject({ code });
    expect(opened.of("close")).toEqual([[1006, "", opened.connection.error]]);
  });
});

describe("a close listener that is attached after the close event", () => {
  test.each(["on", "once", "addListener", "prependListener", "prependOnceListener"] as const)(
    "a late close listener that is attached with %s is called once, in a later tick, with the event's arguments",
    async (method) => {
      const opened = open();
      opened.receive(closeFrame(4001, "why"));
      opened.transport.close();
      const calls: unknown[][] = [];
      const attach = opened.connection[method] as (event: "close", listener: (...args: unknown[]) => void) => unknown;
      attach.call(opened.connection, "close", (...args) => void calls.push(args));
      expect(calls).toEqual([]);
      await turn();
      expect(calls).toEqual([[4001, "why", null]]);
      expect(opened.of("close")).toHaveLength(1);
    },
  );

  test("once(connection, 'close') resolves although the connection was closed before", async () => {
    const opened = open();
    opened.transport.close();
    expect(await once(opened.connection, "close")).toEqual([1006, "", expect.objectContaining({ code: "CUT_OFF" })]);
  });

  test("a late close listener is not called if it was detached again", async () => {
    const opened = open();
    opened.transport.close();
    const listener = vi.fn();
    opened.connection.on("close", listener).off("close", listener);
    await turn();
    expect(listener).not.toHaveBeenCalled();
  });

  test("a close listener that is attached while the event waits for messages is called with the event, and not before", async () => {
    const opened = open();
    opened.connection.pause();
    opened.receive(text("waits"), closeFrame(4001));
    opened.transport.close();
    const listener = vi.fn();
    opened.connection.on("close", listener);
    await turn();
    expect(listener).not.toHaveBeenCalled();
    opened.connection.resume();
    await turn();
    expect(listener).toHaveBeenCalledTimes(1);
    expect(opened.events.map(([event]) => event)).toEqual(["message", "close"]);
  });
});

describe("waiting for drain after the end", () => {
  test("once(connection, 'drain') is rejected if the connection was closed in order before", async () => {
    const opened = open({ deaf: ["error"] });
    opened.receive(closeFrame(1000));
    opened.transport.close();
    expect(opened.connection.send("late")).toBe(false);
    await expect(once(opened.connection, "drain")).rejects.toMatchObject({ code: "NEVER_DRAINED" });
  });

  test.each(["terminate", "close by the peer"])(
    "once(connection, 'drain') is rejected if the end comes while it waits: %s",
    async (end) => {
      const opened = open({ deaf: ["error", "drain"], highWaterMark: 1 });
      opened.transport.stick();
      while (opened.connection.send("x".repeat(70_000)));
      const drained = once(opened.connection, "drain");
      if (end === "terminate") opened.connection.terminate();
      else opened.receive(closeFrame(1000));
      opened.transport.close();
      await expect(drained).rejects.toMatchObject({ code: "NEVER_DRAINED" });
    },
  );

  test("a drain listener gets no error after the end if nobody listens for errors", async () => {
    const opened = open({ deaf: ["error"] });
    opened.transport.close();
    const listener = vi.fn();
    opened.connection.on("drain", listener);
    await turn();
    expect(listener).not.toHaveBeenCalled();
  });

  test("a paused listener does not delay the close event for which a sender waits", async () => {
    const opened = open({ deaf: ["drain"] });
    opened.transport.stick();
    opened.connection.pause();
    opened.receive(text("waits"));
    while (opened.connection.send("x".repeat(70_000)));
    opened.transport.close(new Error("reset"));
    await turn();
    expect(opened.of("close")).toHaveLength(1);
  });
});
