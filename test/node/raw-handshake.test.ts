import { once } from "node:events";
import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Refusal } from "../../src/handshake/refusals.ts";
import { RawHandshake } from "../../src/node/raw-handshake.ts";
import type { UpgradeRequest } from "../../src/node/upgrade-request.ts";
import { byteByByte } from "../support/frames.ts";
import { openRaw, type RawPeer, upgrade } from "../support/raw-peer.ts";

interface Outcome {
  request?: UpgradeRequest;
  rest?: Buffer;
  refusal?: Refusal;
  paused: boolean;
  /** Whether the handshake still listens for data. */
  listens: boolean;
}

/** A server whose one connection is read as a handshake; `outcome` is what comes of it. */
async function handshake(limits = {}): Promise<{ peer: RawPeer; outcome: Promise<Outcome>; calls: () => number }> {
  let calls = 0;
  let settle: (outcome: Outcome) => void = () => {};
  const outcome = new Promise<Outcome>((resolve) => {
    settle = resolve;
  });
  const server = createServer((socket) => {
    onTestFinished(() => {
      socket.destroy();
      server.close();
    });
    const state = () => ({ paused: socket.isPaused(), listens: socket.listenerCount("data") > 0 });
    new RawHandshake(socket, limits, {
      onRequest: (request, _socket, rest) => {
        calls++;
        settle({ request, rest, ...state() });
      },
      onBadRequest: (refusal) => {
        calls++;
        settle({ refusal, ...state() });
      },
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const peer = await openRaw(typeof address === "object" && address !== null ? address.port : 0);
  return { peer, outcome, calls: () => calls };
}

describe("RawHandshake", () => {
  it("a RawHandshake reads a request, and hands over what came behind it with the socket paused", async () => {
    const { peer, outcome } = await handshake();
    peer.send(`${upgrade()}frames`);
    const { request, rest, paused, listens } = await outcome;
    expect(request?.url).toBe("/chat");
    expect(rest?.toString()).toBe("frames");
    expect({ paused, listens }).toEqual({ paused: true, listens: false });
  });

  it("a RawHandshake reads a request in single bytes", async () => {
    const { peer, outcome, calls } = await handshake();
    for (const byte of byteByByte(Buffer.from(upgrade()))) {
      peer.send(byte);
      await new Promise(setImmediate);
    }
    const { request, rest } = await outcome;
    expect(request?.headers["host"]).toBe("server.example.com");
    expect(rest?.length).toBe(0);
    expect(calls()).toBe(1);
  });

  it.each([
    ["a bare LF", "GET / HTTP/1.1\r\nHost: a\n\r\n", {}, "HEAD_BAD_BYTE"],
    ["an invalid request line", "hello\r\n\r\n", {}, "REQUEST_LINE_INVALID"],
    ["a field without a colon", "GET / HTTP/1.1\r\nHost\r\n\r\n", {}, "FIELD_NAME_INVALID"],
    ["a head past maxHeadBytes", `GET /${"a".repeat(64)} HTTP/1.1`, { maxHeadBytes: 64 }, "HEAD_TOO_LARGE"],
    ["more fields than maxHeaders", upgrade(), { maxHeaders: 2 }, "HEAD_TOO_MANY_FIELDS"],
  ])("a RawHandshake refuses %s, once, and listens no more", async (_, bytes, limits, code) => {
    const { peer, outcome, calls } = await handshake(limits);
    peer.send(`${bytes}${"more ".repeat(100)}`);
    const { refusal, listens } = await outcome;
    expect(refusal?.code).toBe(code);
    expect(listens).toBe(false);
    expect(calls()).toBe(1);
  });
});
