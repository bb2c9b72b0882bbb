import { describe, expect, it } from "vitest";
import { EventHandlers } from "../../src/websocket/event-handlers.ts";
import { watchUncaught } from "../support/uncaught.ts";

function newTarget() {
  const target = new EventTarget();
  const handlers = new EventHandlers(target);
  const log: string[] = [];
  return {
    target,
    handlers,
    log,
    note: (text: string) => () => {
      log.push(text);
    },
    fire: () => {
      log.length = 0;
      target.dispatchEvent(new Event("x"));
      return log;
    },
  };
}

describe("an event handler attribute", () => {
  it("is null at first, and gives back the function that was set", () => {
    const { handlers, note } = newTarget();
    expect(handlers.get("x")).toBeNull();
    const handler = note("handler");
    handlers.set("x", handler);
    expect(handlers.get("x")).toBe(handler);
    expect(handlers.get("y")).toBeNull();
  });

  it.each([null, undefined, 5, "text", true, Symbol("s"), 10n])(
    "becomes null by %s, and calls nothing any more",
    (value) => {
      const { handlers, note, fire } = newTarget();
      handlers.set("x", note("handler"));
      handlers.set("x", value);
      expect(handlers.get("x")).toBeNull();
      expect(fire()).toEqual([]);
    },
  );

  it("keeps an object that is not a function, and never calls it or its handleEvent", () => {
    const { handlers, note, fire } = newTarget();
    const object = { handleEvent: note("handleEvent") };
    handlers.set("x", object);
    expect(handlers.get("x")).toBe(object);
    expect(fire()).toEqual([]);
  });

  it("keeps its place among the listeners while its value changes", () => {
    const { target, handlers, note, fire } = newTarget();
    target.addEventListener("x", note("first"));
    handlers.set("x", note("old"));
    target.addEventListener("x", note("last"));
    expect(fire()).toEqual(["first", "old", "last"]);
    handlers.set("x", note("new"));
    expect(fire()).toEqual(["first", "new", "last"]);
    handlers.set("x", {});
    handlers.set("x", note("newer"));
    expect(fire()).toEqual(["first", "newer", "last"]);
  });

  it("loses its place by null: the next value comes last", () => {
    const { target, handlers, note, fire } = newTarget();
    handlers.set("x", note("handler"));
    target.addEventListener("x", note("listener"));
    handlers.set("x", null);
    handlers.set("x", note("handler"));
    expect(fire()).toEqual(["listener", "handler"]);
  });

  it("calls the function with the target as this, and the event alone", () => {
    const { target, handlers } = newTarget();
    const calls: unknown[][] = [];
    handlers.set("x", function (this: unknown, ...given: unknown[]) {
      calls.push([this, ...given]);
    });
    const event = new Event("x");
    target.dispatchEvent(event);
    expect(calls).toEqual([[target, event]]);
  });

  it("ignores what the function returns", () => {
    const { target, handlers } = newTarget();
    handlers.set("x", () => false);
    const event = new Event("x", { cancelable: true });
    expect(target.dispatchEvent(event)).toBe(true);
    expect(event.defaultPrevented).toBe(false);
  });

  it("reports what the function throws, and the other listeners are called", async () => {
    const uncaught = watchUncaught();
    const { target, handlers, note, fire } = newTarget();
    const error = new Error("thrown by a handler");
    handlers.set("x", () => {
      throw error;
    });
    target.addEventListener("x", note("listener"));
    expect(fire()).toEqual(["listener"]);
    await new Promise(setImmediate);
    expect(uncaught).toEqual([error]);
  });
});
