import { describe, expect, it } from "vitest";
import { CloseEvent } from "../../src/index.ts";
import { closeEvent, errorEvent, openEvent, type WebSocketErrorEvent } from "../../src/websocket/fired-events.ts";

describe("the events that a socket fires", () => {
  it("are trusted, do not bubble and cannot be cancelled", () => {
    for (const event of [openEvent(), errorEvent(new Error("x")), closeEvent({ code: 1000, reason: "" }, true)]) {
      expect([event.isTrusted, event.bubbles, event.cancelable, event.composed]).toEqual([true, false, false, false]);
    }
  });

  it("are a plain Event for open and for error", () => {
    for (const event of [openEvent(), errorEvent(new Error("x"))]) {
      expect(Object.getPrototypeOf(event)).toBe(Event.prototype);
    }
  });

  it("carry the reason of an error in a property that is neither enumerable nor writable", () => {
    const reason = new Error("the reason");
    const event: WebSocketErrorEvent = errorEvent(reason);
    expect(event.error).toBe(reason);
    expect(Object.keys(event)).not.toContain("error");
    expect(Object.getOwnPropertyDescriptor(event, "error")?.writable).toBe(false);
  });

  it("are a CloseEvent for close, with code, reason and wasClean", () => {
    const event = closeEvent({ code: 3000, reason: "bye" }, true) as CloseEvent;
    expect(event).toBeInstanceOf(CloseEvent);
    expect([event.type, event.code, event.reason, event.wasClean]).toEqual(["close", 3000, "bye", true]);
  });
});
