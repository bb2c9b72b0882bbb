import { describe, expect, it } from "vitest";
import { MessageEvent } from "../../src/index.ts";
import { receivedMessage } from "../../src/websocket/message-event.ts";

const message = (content: string | Uint8Array, binaryType: "blob" | "arraybuffer" = "blob") =>
  receivedMessage(content, binaryType, "ws://a") as MessageEvent;

describe("the message event of a socket", () => {
  it("is a MessageEvent of the platform", () => {
    const event = message("x");
    expect(MessageEvent).toBe((globalThis as unknown as { MessageEvent: unknown }).MessageEvent);
    expect(event).toBeInstanceOf(MessageEvent);
    expect(event).toBeInstanceOf(Event);
    expect(event.constructor).toBe(MessageEvent);
  });

  it("has the type, the origin and the data, and is trusted", () => {
    const event = message("hé");
    expect([event.type, event.data, event.origin, event.isTrusted]).toEqual(["message", "hé", "ws://a", true]);
    expect([event.lastEventId, event.source, event.ports]).toEqual(["", null, []]);
    expect([event.bubbles, event.cancelable, event.composed]).toEqual([false, false, false]);
  });

  it("has a Blob or an ArrayBuffer of the bytes, the same one at each look", async () => {
    const blob = message(new Uint8Array([1, 2, 3])).data;
    expect(blob).toBeInstanceOf(Blob);
    expect(new Uint8Array(await blob.arrayBuffer())).toEqual(new Uint8Array([1, 2, 3]));
    const event = message(new Uint8Array([1, 2, 3]), "arraybuffer");
    expect(event.data).toBeInstanceOf(ArrayBuffer);
    expect([...new Uint8Array(event.data)]).toEqual([1, 2, 3]);
    expect(event.data).toBe(event.data);
  });

  it("can be dispatched again by the application, as any event", () => {
    const target = new EventTarget();
    const seen: unknown[] = [];
    target.addEventListener("message", (event) => seen.push((event as MessageEvent).data));
    target.dispatchEvent(message("again"));
    expect(seen).toEqual(["again"]);
  });
});
