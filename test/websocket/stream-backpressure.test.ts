/** Back-pressure over real sockets, in both directions: TCP itself stops whoever is faster. */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocketStream, type WebSocketStreamOptions } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { turn } from "../support/connection-harness.ts";
import { BINARY, CLOSE, decodeFrame, frame } from "../support/frames.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { script, switching } from "../support/servers.ts";
import { settled } from "../support/stream-harness.ts";

const MIB = 1 << 20;
/** Much more than the sockets of one connection hold. */
const FLOOD = 64;
/** Turns of the event loop without any progress after which a connection counts as stopped. */
const QUIET_TURNS = 200;

/** Waits until a number does not grow any more. */
async function steady(read: () => number): Promise<number> {
  let last = read();
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    await turn();
    if (read() !== last) quiet = 0;
    last = read();
  }
  return last;
}

/** Waits until something has happened, for as long as something else still grows. */
async function reached(happened: () => boolean): Promise<void> {
  while (!happened()) await turn();
}

describe.each(["TCP", "TLS"])("over %s", (carrier) => {
  /** An open stream, and the server's end of it. */
  async function connected(options: WebSocketStreamOptions = {}) {
    const tls = carrier === "TLS" ? await makeCertificate() : undefined;
    const { url, peers } = await script(async (peer) => {
      peer.send(Buffer.from(switching(await peer.head()), "latin1"));
    }, tls);
    const stream = new WebSocketStream(url, { ...options, ...(tls && { tls: { ca: tls.cert } }) });
    const { readable, writable } = await stream.opened;
    return { stream, readable, writable, peer: peers[0] as RawPeer };
  }

  test("a peer that floods while nobody reads is stopped by TCP, and every message is read afterwards", async () => {
    const { stream, readable, peer } = await connected();
    let accepted = 0;
    const flood = (async () => {
      for (let number = 0; number < FLOOD; number++) {
        const payload = Buffer.alloc(MIB, number);
        const isTaken = peer.socket.write(frame({ opcode: BINARY, payload }));
        if (!isTaken) await once(peer.socket, "drain");
        accepted++;
      }
      peer.socket.write(frame({ opcode: CLOSE, payload: Buffer.from([0x03, 0xe8]) }));
    })();
    expect(await steady(() => accepted)).toBeLessThan(FLOOD / 2);
    let count = 0;
    for await (const chunk of readable) {
      expect(chunk).toHaveLength(MIB);
      expect([chunk[0], chunk[MIB - 1]]).toEqual([count, count]);
      count++;
    }
    await flood;
    expect(count).toBe(FLOOD);
    peer.socket.end();
    expect(await stream.closed).toEqual({ closeCode: 1000, reason: "" });
  });

  test("a peer that floods is stopped again and again by a reader that stops", async () => {
    const { stream, readable, peer } = await connected();
    peer.socket.on("error", () => {});
    let accepted = 0;
    void (async () => {
      const bytes = frame({ opcode: BINARY, payload: Buffer.alloc(MIB) });
      while (!peer.closed && accepted < 4 * FLOOD) {
        if (!peer.socket.write(bytes)) await once(peer.socket, "drain");
        accepted++;
      }
    })().catch(() => {});
    const reader = readable.getReader();
    for (let round = 1; round <= 3; round++) {
      const stopped = await steady(() => accepted);
      expect(stopped).toBeLessThan(FLOOD / 2 + round * 10);
      for (let count = 0; count < 10; count++) expect((await reader.read()).value).toHaveLength(MIB);
    }
    await reader.cancel();
    peer.socket.destroy();
    await settled(stream.closed);
  });

  test("a peer that reads nothing makes writes wait, and they go on when it reads", async () => {
    const { stream, writable, peer } = await connected();
    peer.socket.pause();
    const writer = writable.getWriter();
    let written = 0;
    const writing = (async () => {
      for (let number = 0; number < FLOOD; number++) {
        await writer.ready;
        await writer.write(new Uint8Array(MIB).fill(number));
        written++;
      }
    })();
    expect(await steady(() => written)).toBeLessThan(FLOOD / 2);
    expect(writer.desiredSize).toBe(0);
    const numbers: number[] = [];
    peer.socket.removeAllListeners("data");
    let rest: Buffer = Buffer.alloc(0);
    const pieces: Buffer[] = [];
    peer.socket.on("data", (chunk) => {
      pieces.push(chunk);
      if (pieces.reduce((sum, { length }) => sum + length, rest.length) < MIB + 14) return;
      rest = Buffer.concat([rest, ...pieces.splice(0)]);
      for (let next = decodeFrame(rest); next !== null && BigInt(next.payload.length) === next.length; ) {
        numbers.push(next.payload[MIB - 1] as number);
        rest = rest.subarray(next.size);
        next = decodeFrame(rest);
      }
    });
    peer.socket.resume();
    await writing;
    await reached(() => numbers.length === FLOOD);
    expect(numbers).toEqual(Array.from({ length: FLOOD }, (_, number) => number));
    stream.close();
    peer.socket.destroy();
    await settled(stream.closed);
  });

  test("a peer that reads nothing and never closes cannot keep abort(), close() or closed waiting", async () => {
    const { stream, readable, writable, peer } = await connected({ closeTimeout: 20 });
    peer.socket.pause();
    peer.socket.on("error", () => {});
    const writer = writable.getWriter();
    const write = settled(writer.write(new Uint8Array(32 * MIB)));
    const next = settled(writer.write("behind it"));
    await steady(() => peer.socket.bytesRead);
    const abort = await settled(writer.abort("enough"));
    expect([await write, await next, abort]).toEqual([
      { rejected: "enough" },
      { rejected: "enough" },
      { resolved: undefined },
    ]);
    await expect(stream.closed).rejects.toMatchObject({ name: "WebSocketError", closeCode: 1006 });
    await expect(readable.getReader().read()).rejects.toMatchObject({ closeCode: 1006 });
    const other = await connected({ closeTimeout: 20 });
    other.peer.socket.pause();
    const close = settled(other.writable.close());
    await expect(other.stream.closed).rejects.toMatchObject({ closeCode: 1006, cause: { code: "CLOSE_TIMEOUT" } });
    expect(await close).toEqual({ rejected: expect.objectContaining({ closeCode: 1006 }) });
  });

  test("close() is not delayed by a flood that nobody reads", async () => {
    const { stream, peer } = await connected();
    const close = peer.until("our Close frame", () => decodeFrame(peer.received)?.opcode === CLOSE);
    void (async () => {
      for (let number = 0; number < FLOOD; number++) {
        const isTaken = peer.socket.write(frame({ opcode: BINARY, payload: Buffer.alloc(MIB) }));
        if (!isTaken) await once(peer.socket, "drain");
      }
      await close;
      peer.socket.end(frame({ opcode: CLOSE, payload: Buffer.from([0x0f, 0xa0]) }));
    })();
    await steady(() => peer.socket.bytesWritten);
    stream.close({ closeCode: 4000 });
    expect(await stream.closed).toEqual({ closeCode: 4000, reason: "" });
  });
});
