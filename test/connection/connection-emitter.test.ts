import { describe, expect, test } from "vitest";
import { ConnectionEmitter, hasListener, rejectDrain, repeatClose } from "../../src/connection/connection-emitter.ts";
import { turn } from "../support/connection-harness.ts";
import { watchUncaught } from "../support/uncaught.ts";

function setUp() {
  const calls: unknown[][] = [];
  const emitter: ConnectionEmitter = new ConnectionEmitter({
    onListener: (_emitter, event, listener) => void calls.push(["on", event, listener]),
    onMessageListenerGone: () => void calls.push(["gone"]),
  });
  return { emitter, calls };
}

describe("the watch of a ConnectionEmitter", () => {
  test.each(["on", "addListener", "prependListener"] as const)(
    "a ConnectionEmitter learns of a listener that is attached by %s()",
    (method) => {
      const { emitter, calls } = setUp();
      const listener = () => {};
      emitter[method]("message", listener);
      expect(calls).toEqual([["on", "message", listener]]);
      expect(emitter.listeners("message")).toEqual([listener]);
    },
  );

  test.each(["once", "prependOnceListener"] as const)(
    "a ConnectionEmitter learns of a listener that is attached by %s(), once",
    (method) => {
      const { emitter, calls } = setUp();
      emitter[method]("close", () => {});
      expect(calls).toEqual([["on", "close", expect.any(Function)]]);
    },
  );

  test.each(["off", "removeListener"] as const)(
    "a ConnectionEmitter learns that a message listener was detached by %s()",
    (method) => {
      const { emitter, calls } = setUp();
      const listener = () => {};
      emitter.on("message", listener).on("ping", listener);
      calls.length = 0;
      emitter[method]("ping", listener);
      expect(calls).toEqual([]);
      emitter[method]("message", listener);
      expect(calls).toEqual([["gone"]]);
      expect(hasListener(emitter, "message")).toBe(false);
    },
  );

  test("a ConnectionEmitter learns that a listener of once() has been called and is gone", () => {
    const { emitter, calls } = setUp();
    emitter.once("message", () => {});
    emitter.emit("message", "x");
    expect(calls.at(-1)).toEqual(["gone"]);
  });

  test.each([[undefined], ["message"]] as const)(
    "a ConnectionEmitter learns that removeAllListeners(%s) has detached message listeners",
    (event) => {
      const { emitter, calls } = setUp();
      emitter.on("message", () => {}).on("ping", () => {});
      emitter.removeAllListeners(event);
      expect(calls.at(-1)).toEqual(["gone"]);
      expect(hasListener(emitter, "message")).toBe(false);
      expect(hasListener(emitter, "ping")).toBe(event !== undefined);
    },
  );
});

test("hasListener() does not call a property listenerCount that the application has set", () => {
  const { emitter } = setUp();
  emitter.on("message", () => {});
  emitter.listenerCount = () => 0;
  expect(hasListener(emitter, "message")).toBe(true);
});

describe("rejectDrain()", () => {
  test("rejectDrain() emits NEVER_DRAINED as an error if somebody waits by once()", () => {
    const { emitter } = setUp();
    const errors: unknown[] = [];
    emitter.on("error", (error) => errors.push(error));
    emitter.once("drain", () => {});
    rejectDrain(emitter);
    expect(errors).toEqual([expect.objectContaining({ name: "ConnectionError", code: "NEVER_DRAINED" })]);
  });

  test("rejectDrain() emits nothing if drain listeners stay, or nobody listens for errors", () => {
    const { emitter } = setUp();
    const errors: unknown[] = [];
    emitter.once("drain", () => {});
    expect(() => rejectDrain(emitter)).not.toThrow();
    emitter.removeAllListeners("drain");
    emitter.on("error", (error) => errors.push(error)).on("drain", () => {});
    rejectDrain(emitter);
    expect(errors).toEqual([]);
  });
});

describe("repeatClose()", () => {
  const details = [1000, "bye", null] as const;

  test("repeatClose() calls the listener in a later tick with the details of the event", async () => {
    const { emitter } = setUp();
    const heard: unknown[] = [];
    const listener = (...args: unknown[]) => void heard.push(args);
    emitter.on("close", listener);
    repeatClose(emitter, listener, [...details]);
    expect(heard).toEqual([]);
    await turn();
    expect(heard).toEqual([[...details]]);
  });

  test("repeatClose() does not call a listener that was detached meanwhile", async () => {
    const { emitter } = setUp();
    const heard: unknown[] = [];
    const listener = (...args: unknown[]) => void heard.push(args);
    repeatClose(emitter.on("close", listener), listener, [...details]);
    emitter.off("close", listener);
    await turn();
    expect(heard).toEqual([]);
  });

  test("repeatClose() makes an exception of the listener an uncaught one", async () => {
    const uncaught = watchUncaught();
    const { emitter } = setUp();
    const listener = () => {
      throw "thrown";
    };
    repeatClose(emitter.on("close", listener), listener, [...details]);
    await turn();
    expect(uncaught).toEqual(["thrown"]);
  });
});
