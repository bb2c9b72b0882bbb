/** What permessage-deflate puts on the wire: frames are written and read by hand. */
import { once } from "node:events";
import { constants, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Connection, ExtensionOptions } from "../../src/index.ts";
import { wordy } from "../extensions/permessage-deflate/codecs.ts";
import { BINARY, CLOSE, EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { openWebSocket, type RawPeer } from "../support/raw-peer.ts";
import { message, open, script, serve, switching } from "../support/servers.ts";

const RSV1 = 4;
/** RFC 7692 section 7.2.3.1: "Hello", compressed. */
const HELLO = Buffer.from("f248cdc9c90700", "hex");
const EXTENSIONS = { "Sec-WebSocket-Extensions": "permessage-deflate" };

interface Met {
  readonly connection: Connection;
  readonly peer: RawPeer;
  /** The masking key of the peer's frames. */
  readonly mask: readonly number[] | null;
}

/** A server, and a client by hand that offers compression. */
async function serverMet(options: ExtensionOptions): Promise<Met> {
  const { server, port } = await serve(options);
  const connected = once(server, "connection") as Promise<[Connection]>;
  const { peer } = await openWebSocket(port, EXTENSIONS);
  return { connection: (await connected)[0], peer, mask: EXAMPLE_KEY };
}

/** A client, and a server by hand that takes the offer of compression if there is one. */
async function clientMet(options: ExtensionOptions): Promise<Met> {
  const { url, peers } = await script(async (peer) => {
    const request = await peer.head();
    peer.send(switching(request, request.includes("permessage-deflate") ? EXTENSIONS : {}));
  });
  const connection = await open(url, options);
  return { connection, peer: peers[0] as RawPeer, mask: null };
}

function inflated(payload: Buffer): string {
  const stream = Buffer.concat([payload, Buffer.from([0, 0, 0xff, 0xff])]);
  return inflateRawSync(stream, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

describe.each([
  ["server", serverMet],
  ["client", clientMet],
])("a %s", (_, meet) => {
  it("RFC 7692 section 6.1: RSV1 is set on what is compressed, by the threshold or as send() says", async () => {
    const { connection, peer } = await meet({ perMessageDeflate: { threshold: 1000, level: 9 } });
    const [long, short] = [wordy(1000).toString(), wordy(999).toString()];
    connection.send(long);
    connection.send(short);
    connection.send(short, { compress: true });
    connection.send(long, { compress: false });
    connection.send(long, { compress: undefined });
    connection.send(Buffer.alloc(0), { compress: true });
    const rsv: number[] = [];
    for (const payload of [long, short, short, long, long, ""]) {
      const next = await peer.frame();
      rsv.push(next.rsv);
      // The payloads after the first refer to it: their content is the business of other tests.
      if (rsv.length === 1) expect(inflated(next.payload)).toBe(payload);
      if (next.rsv === 0) expect(next.payload.toString()).toBe(payload);
      else expect(next.payload.length).toBeLessThan(payload.length * 0.6);
    }
    expect(rsv).toEqual([RSV1, 0, RSV1, 0, RSV1, 0]);
  });

  it("RFC 7692 section 6.2: messages with RSV1 and without it are received", async () => {
    const { connection, peer, mask } = await meet({ perMessageDeflate: true });
    peer.send(frame({ opcode: TEXT, rsv: RSV1, payload: HELLO, mask }));
    expect(await message(connection)).toBe("Hello");
    peer.send(frame({ opcode: BINARY, payload: HELLO, mask }));
    expect(await message(connection)).toEqual(HELLO);
    peer.send(frame({ opcode: BINARY, rsv: RSV1, payload: Buffer.from("f200110000", "hex"), mask }));
    expect(await message(connection)).toEqual(Buffer.from("Hello"));
  });

  it("a connection with compression stays open when an argument of send() is invalid, and sends the next message", async () => {
    const { connection, peer } = await meet({ perMessageDeflate: true });
    const unreadable = {
      get compress(): boolean {
        throw new Error("unreadable");
      },
    };
    expect(() => connection.send(wordy(300), unreadable)).toThrow("unreadable");
    for (const options of [null, 5, "compress", { compress: null }, { compress: 1 }]) {
      try {
        connection.send("with a wrong argument", options as never);
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
      }
    }
    connection.send("the last one", { compress: false });
    let next = await peer.frame();
    while (next.payload.toString() !== "the last one") {
      expect(next.opcode).toBe(TEXT);
      next = await peer.frame();
    }
    expect(connection.readyState).toBe(1);
  });

  it("bufferedAmount is 0 after memory was detached behind send()", async () => {
    const { connection, peer } = await meet({ perMessageDeflate: true });
    // The first one takes zlib's threads, and the others wait for it.
    const messages = [100_000, 40_000, 100_000].map((length) => new Uint8Array(length));
    for (const bytes of messages) connection.send(bytes);
    const moved = messages.map(({ buffer }) => structuredClone(buffer, { transfer: [buffer] }));
    connection.send("the last one", { compress: false });
    while ((await peer.frame()).payload.toString() !== "the last one");
    expect(connection.bufferedAmount).toBe(0);
    expect(connection.readyState).toBe(1);
    // Kept to the end: zlib's threads may still have read the memory.
    expect(moved.map(({ byteLength }) => byteLength)).toEqual([100_000, 40_000, 100_000]);
  });

  it("RFC 6455 section 5.2: without compression no RSV1 is sent, whatever send() says, and a received one fails", async () => {
    const { connection, peer, mask } = await meet({ perMessageDeflate: false });
    expect(connection.extensions).toBe("");
    connection.send(wordy(1000), { compress: true });
    expect(await peer.frame()).toMatchObject({ opcode: BINARY, rsv: 0, payload: wordy(1000) });
    const error = once(connection, "error");
    peer.send(frame({ opcode: TEXT, rsv: RSV1, payload: HELLO, mask }));
    const close = await peer.frame();
    expect([close.opcode, close.payload.readUInt16BE()]).toEqual([CLOSE, 1002]);
    expect((await error)[0]).toMatchObject({ code: "RESERVED_BITS" });
  });
});

it("a server sends what is still being compressed to a client that has ended its side", async () => {
  const { connection, peer } = await serverMet({ perMessageDeflate: { threshold: 0 } });
  const long = wordy(500_000).toString();
  const ended = once(connection, "close");
  // It takes zlib's threads: the end of the peer comes first.
  connection.send(long);
  peer.socket.end();
  const { rsv, payload } = await peer.frame();
  expect(rsv).toBe(RSV1);
  expect(inflated(payload)).toBe(long);
  expect((await ended)[0]).toBe(1006);
});
