/** Messages in pieces through extensions: inflated as they come, with the window of the messages before. */
import { once } from "node:events";
import { constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import WebSocket from "ws";
import { type MessageCodec, MessagePipeline, permessageDeflate } from "../../src/extensions/index.ts";
import type { Connection, MessageStream } from "../../src/index.ts";
import { open, text, turn, wire } from "../support/connection-harness.ts";
import { CONTINUATION, cutAt, type FrameSpec, TEXT } from "../support/frames.ts";
import { linkTransports } from "../support/linked-transports.ts";
import { runs } from "../support/runs.ts";
import { open as openClient, serve } from "../support/servers.ts";
import { PromptCodec, reversed, SlowCodec } from "./codecs.ts";

const RSV1 = 4;

function pipelineOf(maxPayload: number, takeover = true): MessagePipeline {
  const extension = permessageDeflate({ clientNoContextTakeover: !takeover, serverNoContextTakeover: !takeover });
  const agreed = extension.answer(extension.offers()[0] ?? []);
  if (agreed === null) throw new Error("the extension does not accept its own offer");
  return new MessagePipeline([{ rsv: 0x40, codec: agreed.open(maxPayload) }]);
}

/** RFC 7692 section 7.2.1, from an empty window. */
function deflated(message: string | Uint8Array, flush: number = constants.Z_SYNC_FLUSH): Buffer {
  const bytes = deflateRawSync(message, { finishFlush: flush });
  return flush === constants.Z_SYNC_FLUSH ? bytes.subarray(0, -4) : bytes;
}

/** A compressed message whose payload is cut into fragments. */
function compressed(payload: Buffer, places: readonly number[] = []): FrameSpec[] {
  const parts = cutAt(payload, places);
  return parts.map((part, index) => ({
    opcode: index === 0 ? TEXT : CONTINUATION,
    rsv: index === 0 ? RSV1 : 0,
    payload: part,
    fin: index === parts.length - 1,
  }));
}

async function allOf(message: MessageStream): Promise<(string | Buffer)[]> {
  const pieces: (string | Buffer)[] = [];
  for await (const piece of message) pieces.push(piece);
  return pieces;
}

async function taken(iterator: AsyncIterator<MessageStream>): Promise<MessageStream> {
  return (await iterator.next()).value;
}

/** Stored blocks without content. */
const EMPTY_BLOCKS = Buffer.concat(Array.from({ length: 4000 }, () => Buffer.from([0, 0, 0, 0xff, 0xff])));

const failure = (error: unknown) => (error as { code: string }).code;

describe("a compressed message", () => {
  test("is inflated before it has ended", async () => {
    const { connection, receive } = open({ pipeline: pipelineOf(1000), deaf: ["message"] });
    const streams = connection.streams();
    const payload = deflated("x".repeat(500_000));
    receive({ opcode: TEXT, rsv: RSV1, payload: payload.subarray(0, payload.length - 20), fin: false });
    const pieces = (await taken(streams))[Symbol.asyncIterator]();
    const { value } = await pieces.next();
    expect(value).toBe("x".repeat(value?.length ?? 0));
    expect(value?.length).toBeGreaterThan(1000);
  });

  test("waits for its loop, however far a short chunk expands", async () => {
    const { connection, receive } = open({ pipeline: pipelineOf(1000), deaf: ["message"] });
    const streams = connection.streams();
    receive(...compressed(deflated(Buffer.alloc(100 << 20, "x"))));
    const message = await taken(streams);
    await turn();
    const before = process.memoryUsage().arrayBuffers;
    for (let count = 0; count < 50; count++) await turn();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    let length = 0;
    for await (const piece of message) length += piece.length;
    expect(length).toBe(100 << 20);
  });

  test.each([
    ["is corrupt", Buffer.from([0xff, 0xff, 0xff]), "DEFLATE_CORRUPT"],
    ["breaks off", deflated("something that is long enough").subarray(0, 10), "DEFLATE_CORRUPT"],
    ["has far more bytes than it expands to", EMPTY_BLOCKS, "DEFLATE_WASTEFUL"],
    ["is not UTF-8", deflated(Buffer.from([0x61, 0xe2, 0x28])), "TEXT_NOT_UTF8"],
    ["ends inside a character", deflated(Buffer.from([0x61, 0xe2])), "TEXT_NOT_UTF8"],
  ])("that %s fails", async (_what, payload, code) => {
    const { connection, receive, of, transport } = open({ pipeline: pipelineOf(1000), deaf: ["message"] });
    const streams = connection.streams();
    receive(...compressed(payload), text("behind"));
    const message = await taken(streams);
    const pieces = allOf(message).catch(failure);
    await once(connection, "error");
    transport.peerEnd();
    expect(await pieces).toBe(code);
    expect(of("error").length).toBe(1);
  });

  test("longer than maxStreamPayload fails with 1009", async () => {
    const { connection, receive } = open({ pipeline: pipelineOf(1000), maxStreamPayload: 5000, deaf: ["message"] });
    const streams = connection.streams();
    receive(...compressed(deflated("x".repeat(5001))));
    void taken(streams).then(allOf).catch(failure);
    const [error] = await once(connection, "error");
    expect(error).toMatchObject({ code: "MESSAGE_TOO_BIG", closeCode: 1009 });
  });

  test("with final blocks inside of it, or at its end, is read to its end", async () => {
    const { connection, receive } = open({ pipeline: pipelineOf(1000), deaf: ["message"] });
    const streams = connection.streams();
    const withFinalBlock = deflated("first ", constants.Z_FINISH);
    receive(...compressed(Buffer.concat([withFinalBlock, deflated("second")])));
    receive(...compressed(Buffer.concat([withFinalBlock, Buffer.from([0])])), ...compressed(withFinalBlock));
    const got: string[] = [];
    for (let count = 0; count < 3; count++) got.push((await allOf(await taken(streams))).join(""));
    expect(got).toEqual(["first second", "first ", "first "]);
  });

  test("is inflated to its end though it is abandoned: the next one may refer to it", async () => {
    const pipelines = [pipelineOf(1 << 20), pipelineOf(1 << 20)] as const;
    const [near, far] = linkTransports([
      [{ size: 50, turn: false, stick: false }],
      [{ size: 50, turn: false, stick: false }],
    ]);
    const server = open({ role: "server", transport: near, pipeline: pipelines[0], deaf: ["message"] });
    const client = open({ role: "client", transport: far, pipeline: pipelines[1] });
    const streams = server.connection.streams();
    const sentence = "a sentence that comes again and again ".repeat(10);
    client.connection.send(`1 ${sentence}`, { compress: true });
    client.connection.send(`2 ${sentence}`, { compress: true });
    for await (const _piece of await taken(streams)) break;
    expect((await allOf(await taken(streams))).join("")).toBe(`2 ${sentence}`);
  });
});

test("whole messages and pieces alternate at will, with and without context takeover", async () => {
  const steps = fc.array(
    fc.record({
      message: fc.string({ minLength: 1, maxLength: 40 }).map((part) => part.repeat(30)),
      inPieces: fc.boolean(),
      breaks: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  const travels = fc.array(
    fc.record({ size: fc.integer({ min: 1, max: 80 }), turn: fc.boolean(), stick: fc.constant(false) }),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  await fc.assert(
    fc.asyncProperty(steps, travels, fc.boolean(), async (all, travel, takeover) => {
      const [near, far] = linkTransports([travel, travel]);
      const server = open({
        role: "server",
        transport: near,
        pipeline: pipelineOf(1 << 20, takeover),
        deaf: ["message"],
      });
      const client = open({ role: "client", transport: far, pipeline: pipelineOf(1 << 20, takeover) });
      for (const { message } of all) client.connection.send(message, { compress: true });
      for (const { message, inPieces, breaks } of all) {
        const got = inPieces ? await oneStreamed(server.connection, breaks) : await oneWhole(server.connection);
        if (!(inPieces && breaks)) expect(got).toBe(message);
      }
      server.connection.terminate();
    }),
    { numRuns: runs(0.3) },
  );
});

async function oneWhole(connection: Connection): Promise<unknown> {
  for await (const message of connection) return message;
  return undefined;
}

async function oneStreamed(connection: Connection, breaks: boolean): Promise<string> {
  for await (const message of connection.streams()) {
    let got = "";
    for await (const piece of message) {
      got += piece;
      if (breaks) break;
    }
    return got;
  }
  return "nothing";
}

describe("an extension without a decoder for pieces", () => {
  const stage = (codec: MessageCodec) => ({ rsv: 0x40, codec }) as const;

  test.each([
    ["prompt", () => new PromptCodec()],
    ["asynchronous", () => new SlowCodec()],
  ])("that is %s has its messages as one piece each, in their order among the others", async (_what, make) => {
    const codec = make() as MessageCodec;
    const opened = open({ stages: [stage(codec)], deaf: ["message"] });
    const streams = opened.connection.streams();
    opened.receive(
      text("plain"),
      { opcode: TEXT, rsv: RSV1, payload: reversed("encoded") },
      { opcode: TEXT, payload: "in ", fin: false },
      { opcode: CONTINUATION, payload: "pieces" },
    );
    const got: unknown[] = [await allOf(await taken(streams))];
    if (codec instanceof SlowCodec) await codec.decoded();
    for (let count = 0; count < 2; count++) got.push(await allOf(await taken(streams)));
    expect(got).toEqual([["plain"], ["encoded"], ["in ", "pieces"]]);
  });

  test("is bounded by maxPayload", async () => {
    const { connection, receive } = open({ stages: [stage(new PromptCodec())], maxPayload: 10, deaf: ["message"] });
    connection.streams();
    receive({ opcode: TEXT, rsv: RSV1, payload: Buffer.alloc(200_000) });
    await turn();
    expect(connection.readyState).not.toBe(1);
  });
});

describe("a peer that uses `ws`", () => {
  test.each([true, false])("has its fragments read as pieces (compressed: %s)", async (perMessageDeflate) => {
    const { server, url } = await serve({ perMessageDeflate });
    const accepted = once(server, "connection");
    const peer = new WebSocket(url, { perMessageDeflate: perMessageDeflate && { threshold: 0 } });
    const [connection] = (await accepted) as [Connection];
    const streams = connection.streams();
    if (peer.readyState !== WebSocket.OPEN) await once(peer, "open");
    peer.send("first fragment, ", { fin: false });
    const pieces = (await taken(streams))[Symbol.asyncIterator]();
    expect((await pieces.next()).value).toBe("first fragment, ");
    peer.send("second, ", { fin: false });
    expect((await pieces.next()).value).toBe("second, ");
    peer.send("last", { fin: true });
    expect([(await pieces.next()).value, (await pieces.next()).done]).toEqual(["last", true]);
    peer.close();
    expect((await streams.next()).done).toBe(true);
  });
});

test("undici's messages come in pieces as well", async () => {
  const { server, url } = await serve({ maxPayload: 1000 });
  const accepted = once(server, "connection");
  const { WebSocket: Undici } = await import("undici");
  const peer = new Undici(url);
  const [connection] = (await accepted) as [Connection];
  const streams = connection.streams();
  if (peer.readyState !== 1) await new Promise((resolve) => peer.addEventListener("open", resolve));
  peer.send("x".repeat(300_000));
  let length = 0;
  for await (const piece of await taken(streams)) length += piece.length;
  expect(length).toBe(300_000);
  peer.close();
  expect((await streams.next()).done).toBe(true);
  await openClient(url);
  expect(wire("client").length).toBe(0);
});
