import { describe, expect, test } from "vitest";
import { checkedStreamOptions } from "../../src/websocket/websocket-stream-options.ts";
import { argumentError } from "../support/argument-error.ts";

describe("the options of a WebSocketStream", () => {
  test.each([undefined, null, {}])("may be missing: %s", (given) => {
    const { base, opening } = checkedStreamOptions(given);
    expect(base).toBeUndefined();
    expect(opening).toMatchObject({ headers: [] });
  });

  test("are those of a WebSocket, with a signal and a list of subprotocols", () => {
    const { signal } = new AbortController();
    const { base, opening } = checkedStreamOptions({
      base: "ws://127.0.0.1/",
      protocols: new Set(["a", "b"]),
      signal,
      origin: "https://example.com",
      maxPayload: 5,
    });
    expect(base).toBe("ws://127.0.0.1/");
    expect(opening).toMatchObject({
      protocols: ["a", "b"],
      signal,
      maxPayload: 5,
      headers: [["Origin", ["https://example.com"]]],
    });
  });

  test("let a message of any length wait: the stream writes one at a time", () => {
    expect(checkedStreamOptions({}).opening.maxBufferedAmount).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.each(["chat", null, {}, 1])("throw a TypeError for protocols that are not a list: %j", (protocols) => {
    expect(() => checkedStreamOptions({ protocols })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^protocols must be a list of subprotocols, not /),
    );
  });

  test.each([null, {}, "now", new AbortController()])("throw a TypeError for a signal that is none: %s", (signal) => {
    expect(() => checkedStreamOptions({ signal })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^signal must be an AbortSignal, not /),
    );
  });

  test.each([
    ["highWaterMark", 1, /"highWaterMark" is not an option of WebSocketStream: a write waits until/],
    ["maxBufferedAmount", 1, /a write waits until everything before it has been sent/],
    ["maxQueuedAmount", 1, /the peer is slowed down/],
    ["binaryType", "blob", /binary messages are read as Uint8Array/],
    ["protocol", "x", /use protocols/],
    ["sginal", 1, /did you mean "signal"\?/],
  ])("throw a TypeError for %s, and say what to write instead", (name, value, message) => {
    expect(() => checkedStreamOptions({ [name]: value })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", message));
  });
});
