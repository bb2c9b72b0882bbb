import { describe, expect, it } from "vitest";
import { CloseEvent } from "../../src/index.ts";

const Loose = CloseEvent as unknown as new (...given: unknown[]) => CloseEvent;

describe("CloseEvent", () => {
  it("is node's own class if there is one, so that instanceof agrees with the platform", () => {
    const { CloseEvent: own } = globalThis as { CloseEvent?: unknown };
    if (own === undefined) expect(Number.parseInt(process.versions.node, 10)).toBeLessThan(23);
    else expect(CloseEvent).toBe(own);
  });

  it("is an Event that nobody can cancel, with the defaults of the dictionary CloseEventInit", () => {
    const event = new CloseEvent("close");
    expect(event).toBeInstanceOf(Event);
    expect([event.type, event.wasClean, event.code, event.reason]).toEqual(["close", false, 0, ""]);
    expect([event.bubbles, event.cancelable, event.composed]).toEqual([false, false, false]);
    expect(new Loose("x", null).code).toBe(0);
  });

  it("has the values that it was made with, converted by Web IDL", () => {
    const event = new CloseEvent("close", { wasClean: true, code: 1000, reason: "done", cancelable: true });
    expect([event.wasClean, event.code, event.reason, event.cancelable]).toEqual([true, 1000, "done", true]);
    const converted = new Loose("close", { wasClean: 1, code: "66536", reason: "a\ud800" });
    expect([converted.wasClean, converted.code, converted.reason]).toEqual([true, 1000, "a\ufffd"]);
  });

  it("throws a TypeError without a type, and for a dictionary that is not an object", () => {
    expect(() => new Loose()).toThrow(TypeError);
    expect(() => new Loose("close", 5)).toThrow(TypeError);
  });

  it("has enumerable accessors on its prototype, which throw a TypeError for other objects", () => {
    expect(CloseEvent.name).toBe("CloseEvent");
    expect(Object.prototype.toString.call(new CloseEvent("close"))).toBe("[object CloseEvent]");
    for (const name of ["wasClean", "code", "reason"]) {
      const accessor = Object.getOwnPropertyDescriptor(CloseEvent.prototype, name);
      expect([name, typeof accessor?.get, accessor?.set, accessor?.enumerable]).toEqual([
        name,
        "function",
        undefined,
        true,
      ]);
      expect(() => accessor?.get?.call({})).toThrow(TypeError);
    }
  });
});
