/** permessage-deflate (RFC 7692) from one `send()` to the other side's "message", with all that lies between. */
import { once } from "node:events";
import { constants, deflateRawSync, type ZlibOptions } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DeflateContexts } from "../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { codec, decoded, encoded, MAX_PAYLOAD, oneInATurn } from "../extensions/permessage-deflate/codecs.ts";
import { maskKeys } from "../framing/arbitraries.ts";
import { closeFrame, open, ROLES, turn } from "../support/connection-harness.ts";
import { digest } from "../support/digest.ts";
import {
  BINARY,
  byteByByte,
  CONTINUATION,
  cutAt,
  decodeFrames,
  type FrameSpec,
  frame,
  PING,
  PONG,
  TEXT,
} from "../support/frames.ts";
import { linkTransports, type Step } from "../support/linked-transports.ts";
import { runs } from "../support/runs.ts";
import {
  type Agreement,
  agreements,
  arrived,
  bytesOf,
  checkWire,
  type Data,
  data,
  type Message,
  negotiate,
  RSV1,
  stepsWith,
  TAIL,
  type Terms,
  THE_END,
} from "./compressed-conversations.ts";

/** RFC 7692 section 7.2.3.1: "Hello", compressed. */
const HELLO = Buffer.from("f248cdc9c90700", "hex");

/** What one side does, and whether the event loop turns before the next thing is done. */
interface Action {
  readonly by: "server" | "client";
  readonly what: Message | "ping" | "pause" | "resume";
  readonly turn: boolean;
}

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.record({
    by: fc.constantFrom("server", "client"),
    what: fc.oneof(
      { weight: 5, arbitrary: fc.record({ data, compress: fc.constantFrom(undefined, undefined, true, true, false) }) },
      { weight: 2, arbitrary: fc.constantFrom("ping", "pause", "resume") },
    ),
    turn: fc.boolean(),
  }),
  { maxLength: 12, size: "max" },
);

/** Lets both do what they are to do; the client says when it is done, and the server closes. */
async function converse(agreement: Agreement, all: readonly Action[], steps: [Step[], Step[]]) {
  const { pipelines, termsOf } = negotiate(agreement);
  const [ofServer, ofClient] = linkTransports(steps);
  const common = { maxPayload: MAX_PAYLOAD, maxQueuedAmount: 1000 };
  const server = open({ ...common, role: "server", transport: ofServer, pipeline: pipelines.server });
  const client = open({ ...common, role: "client", transport: ofClient, pipeline: pipelines.client });
  const sides = { server, client };
  const closes = [once(server.connection, "close"), once(client.connection, "close")];
  server.connection.on("message", (message) => {
    if (message === THE_END) server.connection.close(1000);
  });
  for (const [index, { by, what, turn: turns }] of all.entries()) {
    const { connection } = sides[by];
    if (what === "ping") connection.ping(String(index));
    else if (what === "pause") connection.pause();
    else if (what === "resume") connection.resume();
    else connection.send(what.data, { compress: what.compress });
    if (turns) await turn();
  }
  for (const { connection } of Object.values(sides)) connection.resume();
  client.connection.send(THE_END);
  await Promise.all(closes);
  const doneBy = (role: "server" | "client") => {
    const own = all.map((action, index) => ({ ...action, index })).filter(({ by }) => by === role);
    const end = role === "client" ? [{ data: THE_END, compress: undefined }] : [];
    return {
      side: sides[role],
      messages: [...own.flatMap(({ what }) => (typeof what === "string" ? [] : [what])), ...end],
      pings: own.filter(({ what }) => what === "ping").map(({ index }) => String(index)),
      terms: termsOf(role, role === "server" ? agreement.ofServer : agreement.ofClient),
    };
  };
  return [
    { from: doneBy("server"), to: client },
    { from: doneBy("client"), to: server },
  ];
}

describe("two connections that compress, whatever they have agreed on", () => {
  test("RFC 7692 section 7.2: compressed messages arrive in order, pings are answered, and plain zlib reads the bytes on the wire", async () => {
    const steps = stepsWith(fc.constant(false));
    await fc.assert(
      fc.asyncProperty(agreements, actions, fc.tuple(steps, steps), async (agreement, all, cuts) => {
        for (const { from, to } of await converse(agreement, all, cuts)) {
          expect(to.of("message").map(([message]) => digest(message as Data))).toEqual(
            from.messages.map((message) => arrived(message.data)),
          );
          expect(from.side.of("pong").map(([payload]) => String(payload))).toEqual(from.pings);
          expect(to.events.at(-1)).toEqual(["close", 1000, "", null]);
          checkWire(from.side, from.messages, from.terms);
        }
      }),
      { numRuns: runs(1) },
    );
  });

  test("compressed messages arrive in order although the transport gets stuck, and at least the last ping is answered", async () => {
    const steps = stepsWith(fc.boolean());
    await fc.assert(
      fc.asyncProperty(agreements, actions, fc.tuple(steps, steps), async (agreement, all, cuts) => {
        for (const { from, to } of await converse(agreement, all, cuts)) {
          expect(to.of("message").map(([message]) => digest(message as Data))).toEqual(
            from.messages.map((message) => arrived(message.data)),
          );
          expect(String(from.side.of("pong").at(-1)?.[0])).toBe(String(from.pings.at(-1)));
          checkWire(from.side, from.messages, from.terms);
        }
      }),
      { numRuns: runs(0.4) },
    );
  });
});

/** How plain zlib writes one message after the other. */
class PlainDeflater {
  readonly #options: ZlibOptions;
  readonly #windowBits: number;
  readonly #takeover: boolean;
  #history = Buffer.alloc(0);

  constructor({ level, memLevel, windowBits, takeover }: Omit<Terms, "threshold">) {
    this.#options = { level, memLevel, windowBits, finishFlush: constants.Z_SYNC_FLUSH };
    this.#windowBits = windowBits;
    this.#takeover = takeover;
  }

  deflate(message: Buffer): Buffer {
    // As some peers do: a flush behind a flush gives nothing.
    if (message.length === 0) return message;
    const dictionary = this.#history.length > 0 ? { dictionary: this.#history } : {};
    const payload = deflateRawSync(message, { ...this.#options, ...dictionary }).subarray(0, -TAIL.length);
    if (this.#takeover) this.#history = Buffer.concat([this.#history, message]).subarray(-(1 << this.#windowBits));
    return payload;
  }
}

/** A message in fragments, with control frames behind them. */
interface Fragmented extends Message {
  /** Where it is cut: also twice at the same place, at the beginning and at the end. */
  readonly cuts: readonly number[];
  readonly controls: readonly (FrameSpec | null)[];
}

const controlFrames: fc.Arbitrary<FrameSpec> = fc.record({
  opcode: fc.constantFrom(PING, PONG),
  payload: fc.uint8Array({ maxLength: 125 }),
});
const conversations: fc.Arbitrary<Fragmented[]> = fc.array(
  fc.record({
    data,
    compress: fc.constantFrom(true, true, false),
    cuts: fc.array(fc.nat(200_000), { maxLength: 5 }),
    controls: fc.array(fc.option(controlFrames, { nil: null }), { maxLength: 6 }),
  }),
  { maxLength: 8 },
);
const setups = fc.record({
  terms: fc.record({
    level: fc.integer({ min: 0, max: 9 }),
    memLevel: fc.integer({ min: 1, max: 9 }),
    windowBits: fc.integer({ min: 8, max: 15 }),
    takeover: fc.boolean(),
  }),
  sender: fc.constantFrom("Tautline", "zlib"),
  limits: fc.constantFrom({}, { maxInflaters: 1, maxDeflaters: 1 }, oneInATurn(), { direct: false }),
  /** Whether another connection needs the context behind each chunk. */
  rivalry: fc.boolean(),
  /** Where the bytes are cut; or that they come one by one, unless they are many. */
  chunks: fc.oneof(fc.constant("bytes"), fc.array(fc.nat(300_000), { maxLength: 12 })),
  masks: fc.array(maskKeys, { minLength: 1, maxLength: 4 }),
});
type Setup = typeof setups extends fc.Arbitrary<infer Value> ? Value : never;
const MANY = 3000;

/** The frames of a message; RFC 7692 section 6.1: the bit is set on the first one only. */
function fragments({ data, cuts, controls }: Fragmented, compressed: Buffer | null): FrameSpec[] {
  const payload = compressed ?? bytesOf(data);
  const ends = [...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
  return ends.flatMap((end, index) => {
    const opcode = typeof data === "string" ? TEXT : BINARY;
    const first = { opcode, rsv: compressed === null ? 0 : RSV1 };
    const fragment: FrameSpec = {
      ...(index === 0 ? first : { opcode: CONTINUATION }),
      fin: index === ends.length - 1,
      payload: payload.subarray(ends[index - 1] ?? 0, end),
    };
    const control = controls[index] ?? null;
    return control === null ? [fragment] : [fragment, control];
  });
}

function senderOf({ sender, terms, limits }: Setup): (message: Buffer) => Promise<Buffer | null> | Buffer {
  const { level, memLevel, windowBits, takeover } = terms;
  const plain = new PlainDeflater(terms);
  if (sender === "zlib") return (message) => plain.deflate(message);
  const config = { level, memLevel, encodeWindowBits: windowBits, encodeTakeover: takeover };
  const ours = codec({ config, contexts: new DeflateContexts(limits) });
  return (message) => encoded(ours, message, true);
}

function cut(wire: Buffer, { chunks }: Setup): Buffer[] {
  if (typeof chunks !== "string") return cutAt(wire, chunks);
  return wire.length < MANY ? byteByByte(wire) : [wire];
}

describe.each(ROLES)("compressed messages in fragments, to a %s", (role) => {
  test("RFC 7692 section 6.1: compressed messages in fragments arrive whole and in order, however frames and chunks are cut", async () => {
    await fc.assert(
      fc.asyncProperty(conversations, setups, async (all, setup) => {
        const send = senderOf(setup);
        const specs: FrameSpec[] = [];
        for (const each of all) specs.push(...fragments(each, each.compress ? await send(bytesOf(each.data)) : null));
        const { masks, terms, limits, rivalry } = setup;
        const wire = [...specs, closeFrame(1000)].map((spec, index) =>
          frame({ ...spec, mask: role === "server" ? (masks[index % masks.length] as number[]) : null }),
        );

        const contexts = new DeflateContexts(limits);
        const config = { decodeWindowBits: terms.windowBits, decodeTakeover: terms.takeover };
        const stages = [{ rsv: 0x40, codec: codec({ config, contexts }) }] as const;
        const opened = open({ role, maxPayload: MAX_PAYLOAD, stages });
        const rival = codec({ contexts });
        const closed = once(opened.connection, "close");
        for (const chunk of cut(Buffer.concat(wire), setup)) {
          opened.transport.deliver(chunk);
          if (rivalry) expect(await decoded(rival, HELLO)).toEqual(Buffer.from("Hello"));
        }
        opened.transport.peerEnd();
        await closed;

        expect(opened.of("message").map(([message]) => digest(message as Data))).toEqual(
          all.map((each) => arrived(each.data)),
        );
        expect(opened.events.at(-1)).toEqual(["close", 1000, "", null]);
        const pings = specs.flatMap(({ opcode, payload }) => (opcode === PING ? [Buffer.from(payload as Buffer)] : []));
        const pongs = decodeFrames(opened.transport.bytes).filter(({ opcode }) => opcode === PONG);
        expect(pongs.map(({ payload }) => payload)).toEqual(pings);
      }),
      { numRuns: runs(0.6) },
    );
  });
});
