/** What follows a `false` of `send()`, over a transport that can stick, fail and go away at any time. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prepare } from "../../src/connection/prepared-message.ts";
import { closeFrame, type OpenOptions, open, ROLES, turn } from "../support/connection-harness.ts";
import { DrainLog } from "../support/drain-log.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { PING } from "../support/frames.ts";
import { PromptCodec, SlowCodec } from "./codecs.ts";

const LONG = Buffer.alloc(100_000, "x");

/** An open connection with a log of what it promises. */
function opened(options: OpenOptions = {}) {
  const made = open(options);
  return { ...made, log: new DrainLog(made.connection) };
}

describe.each(ROLES)("as %s", (role) => {
  test("'drain' follows when an encoded message of 64 KiB or more is written within the step that encodes it", async () => {
    const codec = new SlowCodec();
    const { connection, log } = opened({ role, stages: [{ rsv: 0x40, codec }] });
    expect(log.note(connection.send(LONG))).toBe(false);
    await codec.encoded();
    await turn();
    expect([connection.bufferedAmount, log.drains, log.waits]).toEqual([0, 1, false]);
  });

  test("'drain' waits for all messages that are being encoded, also when the first leaves before", async () => {
    const codec = new SlowCodec();
    const { connection, log } = opened({ role, stages: [{ rsv: 0x40, codec }] });
    log.note(connection.send(LONG));
    log.note(connection.send(LONG));
    await codec.encoded();
    await turn();
    expect([log.drains, log.waits]).toEqual([0, true]);
    await codec.encoded();
    await turn();
    expect([log.drains, log.waits]).toEqual([1, false]);
  });

  test("'drain' does not come before messages that waited and are then encoded at once", async () => {
    const slow = new SlowCodec();
    const encode = (payload: Uint8Array) => (payload.length === LONG.length ? slow.encode(payload) : null);
    const codec = { encode, decode: () => Buffer.alloc(0), close() {} };
    const { connection, transport, log } = opened({ role, stages: [{ rsv: 0x40, codec }] });
    const lengths: number[] = [];
    connection.on("drain", () => lengths.push(transport.bytes.length));
    log.note(connection.send(LONG));
    // The first of them is flushed at once, and the second waits for the end of the tick.
    for (const size of [70_000, 40_000]) log.note(connection.send(Buffer.alloc(size)));
    await slow.encoded();
    await turn();
    expect([lengths.length, log.waits]).toEqual([1, false]);
    expect(lengths[0]).toBeGreaterThan(100_000 + 70_000 + 40_000);
  });

  test("a write that fails is followed by 'close' and not by 'drain', and nothing more is accepted", async () => {
    const { connection, transport, log } = opened({ role });
    transport.stick();
    log.note(connection.send(LONG));
    transport.failWrites();
    log.note(connection.send(LONG));
    transport.drain();
    expect(connection.send("more")).toBe(false);
    expect(connection.ping()).toBe(false);
    expect(connection.bufferedAmount).toBe(0);
    await turn();
    expect([log.drains, log.isClosed, log.faults]).toEqual([0, true, []]);
  });

  test("a transport that is gone before anything is written ends a loop that sends as long as send() returns true", async () => {
    const { connection, transport, log } = opened({ role });
    transport.failWrites();
    let sent = 0;
    while (connection.send("x".repeat(1000)) && sent < 10_000) sent++;
    expect(sent).toBeLessThan(10_000);
    await turn();
    expect([log.drains, log.isClosed]).toEqual([0, true]);
  });

  test("no 'drain' is emitted after close(), and 'close' follows", async () => {
    const { connection, transport, log, receive } = opened({ role });
    transport.stick();
    log.note(connection.send(LONG));
    connection.close();
    transport.drain();
    await turn();
    expect([log.drains, log.waits]).toEqual([0, true]);
    receive(closeFrame(1000));
    transport.close();
    expect([log.drains, log.waits, log.faults]).toEqual([0, false, []]);
  });
});

const size = fc.constantFrom(0, 100, 16_384, 16_385, 65_530, 65_536, 131_072, 200_000);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("send" as const), size, compress: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("send prepared" as const), size, compress: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom("stick" as const, "take" as const, "drain" as const) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom("encode" as const, "turn" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("ping" as const, "pong" as const, "peer pings" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        "close" as const,
        "terminate" as const,
        "peer closes" as const,
        "peer ends" as const,
        "fail writes" as const,
        "fail encoding" as const,
        "reset" as const,
      ),
    }),
  },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type Kind = "none" | "prompt" | "slow";

function stagesOf(kind: Kind, slow: SlowCodec): OpenOptions {
  if (kind === "none") return {};
  return { stages: [{ rsv: 0x40, codec: kind === "slow" ? slow : new PromptCodec() }] };
}

async function take(each: Step, { connection, transport, receive, log }: ReturnType<typeof opened>, slow: SlowCodec) {
  switch (each.kind) {
    case "send":
      log.note(connection.send(Buffer.alloc(each.size), { compress: each.compress }));
      break;
    case "send prepared":
      log.note(connection.send(prepare(Buffer.alloc(each.size), { compress: each.compress })));
      break;
    case "ping":
    case "pong":
      log.note(connection[each.kind]("payload"));
      break;
    case "peer pings":
      if (!transport.closed) receive({ opcode: PING, payload: "?" });
      break;
    case "stick":
      transport.stick();
      break;
    case "take":
      if (transport.pendingBytes > 1) transport.take(1);
      break;
    case "drain":
      transport.drain();
      break;
    case "encode":
      if (slow.encoding.length > 0) await slow.encoded();
      break;
    case "fail encoding":
      if (slow.encoding.length > 0) await slow.fail(slow.encoding, new Error("cannot"));
      break;
    case "turn":
      await turn();
      break;
    case "close":
      connection.close();
      break;
    case "terminate":
      connection.terminate();
      break;
    case "peer closes":
      if (!transport.closed) receive(closeFrame(1000));
      break;
    case "peer ends":
      transport.peerEnd();
      break;
    case "fail writes":
      transport.failWrites();
      break;
    case "reset":
      transport.close(new Error("read ECONNRESET"));
  }
}

test("exactly one of 'drain' and 'close' follows each false, whatever happens in between", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROLES),
      fc.constantFrom("copied" as const, "kept" as const, "lazy" as const),
      fc.constantFrom("none" as const, "prompt" as const, "slow" as const),
      fc.record({
        highWaterMark: fc.constantFrom(1, 1000, 65_536),
        maxBufferedAmount: fc.constantFrom(100_000, 16_777_216),
        overflow: fc.constantFrom("close" as const, "drop" as const),
      }),
      fc.array(step, { minLength: 1, maxLength: 40 }),
      async (role, memory, codecs, settings, steps) => {
        const slow = new SlowCodec();
        const made = opened({
          role,
          transport: new FakeTransport({ memory }),
          ...stagesOf(codecs, slow),
          ...settings,
          deaf: ["message"],
        });
        for (const each of steps) await take(each, made, slow);
        // Everything leaves, unless the connection has begun to close.
        for (let rounds = 0; slow.encoding.length > 0 || made.transport.pendingBytes > 0 || rounds < 2; rounds++) {
          if (slow.encoding.length > 0) await slow.encoded();
          made.transport.drain();
          await turn();
          if (made.transport.closed) break;
        }
        if (made.connection.readyState !== 1) made.transport.close();
        await turn();
        expect([made.log.waits, made.log.faults]).toEqual([false, []]);
      },
    ),
    { numRuns: Number(process.env["FC_RUNS"] ?? 300) },
  );
});
