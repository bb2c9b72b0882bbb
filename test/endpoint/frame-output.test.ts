import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { FlushQueue } from "../../src/endpoint/flush-queue.ts";
import { FrameOutput, type OutputResources } from "../../src/endpoint/frame-output.ts";
import { readyFrame } from "../../src/endpoint/ready-frame.ts";
import { SlabPool } from "../../src/endpoint/slab.ts";
import type { WriteOutcome } from "../../src/endpoint/transport.ts";
import { WriteBufferPool } from "../../src/endpoint/write-buffer-pool.ts";
import { ROLES, sent, sentMessages, turn } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { BINARY, CLOSE, PING, PONG, type Role, TEXT } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

function newShared(): OutputResources & { readonly slabs: SlabPool } {
  const slabs = new SlabPool();
  return { slabs, buffers: new WriteBufferPool(slabs), flushes: new FlushQueue() };
}

class ObservedOutput extends FrameOutput {
  readonly #listener: { onAllWritten(): void; onPingLeft(): void };

  constructor(
    transport: FakeTransport,
    role: Role,
    resources: OutputResources,
    listener: { onAllWritten(): void; onPingLeft(): void },
  ) {
    super(transport, { ...resources, masks: role === "client" });
    this.#listener = listener;
  }

  protected override onAllWritten(): void {
    this.#listener.onAllWritten();
  }

  protected override onPingLeft(): void {
    this.#listener.onPingLeft();
  }
}

function setUp(role: Role = "server", shared = newShared(), transport = new FakeTransport()) {
  const listener = { onAllWritten: vi.fn(), onPingLeft: vi.fn() };
  const output = new ObservedOutput(transport, role, shared, listener);
  transport.start({ onData() {}, onDrain: () => output.onTransportDrain(), onEnd() {}, onClose() {} });
  return { output, transport, listener, role };
}

const opcodes = (opened: Parameters<typeof sent>[0]) => sent(opened).map(({ opcode }) => opcode);

describe.each(ROLES)("as %s", (role) => {
  test("frames that are added in one tick leave in one write at its end", async () => {
    const opened = setUp(role);
    const { output, transport } = opened;
    output.addText("text");
    output.addBytes(BINARY, Buffer.from("bytes"));
    output.addControl(PING, Buffer.from("ping"));
    output.addBytes(BINARY, Buffer.alloc(20_000, "l"));
    output.addText("last");
    expect(transport.writes).toHaveLength(0);
    expect(output.framedAmount).toBeGreaterThan(20_000);
    await turn();
    expect(transport.writes).toHaveLength(1);
    expect(output.framedAmount).toBe(0);
    expect(sent(opened)).toEqual([
      { opcode: TEXT, payload: Buffer.from("text") },
      { opcode: BINARY, payload: Buffer.from("bytes") },
      { opcode: PING, payload: Buffer.from("ping") },
      { opcode: BINARY, payload: Buffer.alloc(20_000, "l") },
      { opcode: TEXT, payload: Buffer.from("last") },
    ]);
  });

  test("a frame output with 64 KiB waiting does not wait for the end of the tick", () => {
    const { output, transport } = setUp(role);
    output.addBytes(BINARY, Buffer.alloc(70_000));
    expect(transport.writes).toHaveLength(1);
    for (let i = 0; i < 8; i++) output.addBytes(BINARY, Buffer.alloc(10_000));
    expect(transport.writes).toHaveLength(2);
  });

  test("a frame output does not change the caller's bytes", async () => {
    const { output } = setUp(role);
    const payloads = [10, 100, 16_384, 16_385, 100_000].map((length) => Buffer.alloc(length, 7));
    for (const payload of payloads) output.addBytes(BINARY, payload);
    await turn();
    for (const payload of payloads) expect(payload.every((byte) => byte === 7)).toBe(true);
  });

  test.each([0, 125, 126, 16_384, 16_385, 65_535, 65_536])(
    "a payload of %i bytes arrives unchanged at the other end of a frame output",
    async (length) => {
      const opened = setUp(role);
      const payload = Buffer.from(Array.from({ length }, (_, i) => i % 251));
      opened.output.addBytes(BINARY, payload);
      opened.output.addText("x".repeat(length));
      opened.output.addText("ü".repeat(length));
      await turn();
      expect(sentMessages(opened)).toEqual([payload, "x".repeat(length), "ü".repeat(length)]);
    },
  );
});

test("a corked frame output writes nothing, and everything in one write once it is uncorked", () => {
  const { output, transport } = setUp();
  output.cork();
  output.addText("a");
  output.addText("b");
  expect(transport.writes).toHaveLength(0);
  output.uncork();
  expect(transport.writes).toHaveLength(1);
});

describe("while the transport is stuck", () => {
  test("a stuck frame output writes nothing, counts all of it, and writes it at once and in order when the transport drains", async () => {
    const opened = setUp();
    const { output, transport } = opened;
    transport.stick();
    output.addText("first");
    await turn();
    expect(output.framedAmount).toBe(7);
    for (let i = 0; i < 5000; i++) output.addText(`message ${i}`);
    output.addBytes(BINARY, Buffer.alloc(100_000));
    await turn();
    expect(transport.writes).toHaveLength(1);
    expect(output.framedAmount).toBeGreaterThan(100_000 + 5000 * 11);
    transport.drain();
    expect(transport.writes).toHaveLength(2);
    expect(output.framedAmount).toBe(0);
    expect(sentMessages(opened)).toEqual([
      "first",
      ...Array.from({ length: 5000 }, (_, i) => `message ${i}`),
      Buffer.alloc(100_000),
    ]);
  });

  test("frames that are added to a stuck frame output lie in memory of their own, since the shared slab is for what leaves soon", async () => {
    const shared = newShared();
    const { output, transport } = setUp("server", shared);
    transport.stick();
    output.addText("x");
    await turn();
    const take = vi.spyOn(shared.slabs, "take");
    for (let i = 0; i < 100; i++) output.addText("gathers");
    expect(take).not.toHaveBeenCalled();
  });

  test("RFC 6455 section 5.5.3: of many pongs only the latest leaves a stuck frame output", async () => {
    const opened = setUp();
    opened.transport.stick();
    opened.output.addText("x");
    await turn();
    for (let i = 0; i < 1000; i++) opened.output.addPong(Buffer.from(String(i)));
    expect(opened.output.framedAmount).toBe(3);
    opened.transport.drain();
    expect(sent(opened).slice(1)).toEqual([{ opcode: PONG, payload: Buffer.from("999") }]);
  });

  test("a pong that waits is a copy, so the chunk of its ping may change", async () => {
    const opened = setUp();
    opened.transport.stick();
    opened.output.addText("x");
    await turn();
    const payload = Buffer.from("payload");
    opened.output.addPong(payload);
    payload.fill(0);
    opened.transport.drain();
    expect(sent(opened).at(-1)?.payload.toString()).toBe("payload");
  });

  test("RFC 6455 section 5.5.2: a pong that waits leaves before a Close frame, not behind it", async () => {
    const opened = setUp();
    opened.transport.stick();
    opened.output.addText("x");
    await turn();
    opened.output.addPong(Buffer.from("p"));
    opened.output.addControl(CLOSE, Buffer.alloc(0));
    opened.transport.drain();
    expect(opcodes(opened)).toEqual([TEXT, PONG, CLOSE]);
  });

  test("the end of a frame output comes after everything that waits, and drops a waiting pong", async () => {
    const opened = setUp();
    const { output, transport } = opened;
    transport.stick();
    output.addText("x");
    await turn();
    output.addControl(CLOSE, Buffer.alloc(0));
    output.addPong(Buffer.from("late"));
    output.end();
    expect(transport.ended).toBe(false);
    transport.drain();
    expect(transport.ended).toBe(true);
    expect(opcodes(opened)).toEqual([TEXT, CLOSE]);
  });
});

describe.each(ROLES)("a long message, as %s", (role) => {
  test.each([65_537, 131_072, 300_000, 3_000_000])(
    "a long message of %i bytes is copied before addBytes(BINARY, ) returns",
    async (length) => {
      for (const stuck of [false, true]) {
        const opened = setUp(role);
        const payload = Buffer.from(Array.from({ length }, (_, index) => index % 251));
        const expected = Buffer.from(payload);
        if (stuck) opened.transport.stick();
        opened.output.addText("before");
        if (stuck) await turn();
        opened.output.addBytes(BINARY, payload);
        payload.fill(0xee);
        opened.output.addText("behind");
        opened.transport.drain();
        await turn();
        const [before, message, behind] = sentMessages(opened);
        expect([before, behind, expected.equals(message as Buffer)]).toEqual(["before", "behind", true]);
      }
    },
  );

  test("a long message of 1 MiB leaves in one write, and a longer one in as few as the limit allows", () => {
    const { output, transport } = setUp(role);
    output.addBytes(BINARY, Buffer.alloc(1 << 20));
    expect(transport.writes).toHaveLength(1);
    output.addBytes(BINARY, Buffer.alloc(5 << 20));
    expect(transport.writes).toHaveLength(6);
  });

  test("a long message that is dropped leaves the part that the transport still reads untouched", () => {
    const shared = newShared();
    const slow = setUp(role, shared);
    slow.transport.stick();
    slow.output.addBytes(BINARY, Buffer.alloc(3_000_000, 1));
    const before = slow.transport.bytes;
    slow.output.discard();
    expect(slow.output.framedAmount).toBe(0);
    const other = setUp(role, shared);
    for (let count = 0; count < 50; count++) other.output.addBytes(BINARY, Buffer.alloc(100_000, 2));
    expect(slow.transport.bytes.equals(before)).toBe(true);
    slow.transport.drain();
    expect(slow.transport.writes).toHaveLength(1);
  });
});

test("memory that a socket was still reading is used again once it has drained", async () => {
  const shared = newShared();
  const takeWhole = vi.spyOn(shared.slabs, "takeWhole");
  const { output, transport } = setUp("server", shared);
  for (let round = 0; round < 5; round++) {
    transport.stick();
    output.addBytes(BINARY, Buffer.alloc(1_000_000, round));
    output.addBytes(BINARY, Buffer.alloc(1_000_000, round));
    transport.drain();
    await turn();
  }
  const slabs = new Set(takeWhole.mock.results.map(({ value }) => value));
  expect(slabs.size).toBeLessThanOrEqual(18);
});

test("a tracked ping is reported when it has left, not when it is added", async () => {
  const { output, transport, listener } = setUp();
  transport.stick();
  output.addBytes(BINARY, Buffer.alloc(100_000));
  output.addTrackedPing(Buffer.from("ping"));
  output.addText("behind");
  await turn();
  expect(listener.onPingLeft).not.toHaveBeenCalled();
  transport.drain();
  expect(listener.onPingLeft).toHaveBeenCalledTimes(1);
  output.addTrackedPing(Buffer.from("ping"));
  output.flush();
  expect(listener.onPingLeft).toHaveBeenCalledTimes(2);
  output.addText("more");
  output.flush();
  expect(listener.onPingLeft).toHaveBeenCalledTimes(2);
});

test("frames that are added within a write of the transport follow the frame being written", () => {
  class Nesting extends FakeTransport {
    nest: (() => void) | null = null;

    override writeAll(pieces: readonly Buffer[]): WriteOutcome {
      this.#runNested();
      return super.writeAll(pieces);
    }

    override write(bytes: Buffer): WriteOutcome {
      this.#runNested();
      return super.write(bytes);
    }

    #runNested(): void {
      const nest = this.nest;
      this.nest = null;
      nest?.();
    }
  }

  for (const length of [10, 70_000, 3_000_000]) {
    const transport = new Nesting();
    const opened = setUp("client", newShared(), transport);
    transport.nest = () => {
      opened.output.addText("nested");
      opened.output.addBytes(BINARY, Buffer.alloc(100_000, "n"));
    };
    opened.output.addBytes(BINARY, Buffer.alloc(length, "l"));
    opened.output.flush();
    expect(sentMessages(opened).map((message) => message.length)).toEqual([length, 6, 100_000]);
  }
});

test("a write that is lost ends the output: nothing more is written, and it does not report that it is empty", async () => {
  const { output, transport, listener } = setUp();
  transport.failWrites();
  output.addBytes(BINARY, Buffer.alloc(3_000_000));
  expect([output.isDiscarded, output.framedAmount]).toEqual([true, 0]);
  output.addText("late");
  output.addBytes(BINARY, Buffer.alloc(100_000));
  output.addOwnBytes(BINARY, Buffer.alloc(100_000), 0);
  output.addTrackedPing(Buffer.alloc(4));
  output.end();
  await turn();
  expect(transport.writes).toHaveLength(0);
  expect(listener.onAllWritten).not.toHaveBeenCalled();
});

test("the end of a frame output comes after what was added, and once", async () => {
  const opened = setUp();
  opened.output.addText("x");
  opened.output.end();
  opened.output.end();
  expect(opened.transport.ended).toBe(true);
  expect(sentMessages(opened)).toEqual(["x"]);
  await turn();
  opened.output.end();
});

test("a frame output that was discarded writes nothing", async () => {
  const { output, transport } = setUp();
  output.addText("x");
  output.discard();
  await turn();
  output.uncork();
  output.onTransportDrain();
  expect(transport.writes).toHaveLength(0);
  expect(output.framedAmount).toBe(0);
});

test("a frame output reports that it is empty when everything has left, and not before", async () => {
  const { output, transport, listener } = setUp();
  output.addText("a");
  transport.stick();
  await turn();
  expect(listener.onAllWritten).not.toHaveBeenCalled();
  transport.drain();
  expect(listener.onAllWritten).toHaveBeenCalledTimes(1);
});

test("connections that send little share one slab in every turn", async () => {
  const shared = newShared();
  const take = vi.spyOn(shared.slabs, "take");
  const all = Array.from({ length: 50 }, () => setUp("server", shared));
  for (let round = 0; round < 5; round++) {
    for (const { output } of all) output.addText("hello");
    await turn();
  }
  const slabs = new Set(take.mock.results.map(({ value }) => value));
  expect(slabs.size).toBe(1);
});

/** Lengths around all the places where something changes. */
const length = fc.oneof(
  { weight: 6, arbitrary: fc.nat(60) },
  { weight: 3, arbitrary: fc.constantFrom(0, 124, 125, 126, 127, 5460, 16_383, 16_384, 16_385, 21_845) },
  { weight: 1, arbitrary: fc.constantFrom(65_535, 65_536, 65_537) },
);
const which = fc.nat(2);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("text" as const), which, length, unit: fc.constantFrom("x", "ü", "☃") }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("bytes" as const), which, length, byte: fc.nat(255) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("stick" as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("drain" as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("turn" as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("discard" as const), which }) },
);

test("frames of many connections over one slab arrive whole and in order, in any interleaving", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom(...ROLES))),
      fc.tuple(...Array.from({ length: 3 }, () => fc.constantFrom("copied", "kept", "lazy"))),
      fc.array(step, { minLength: 1, maxLength: 60 }),
      async (roles, memories, steps) => {
        const shared = newShared();
        const all = roles.map((role, i) => ({
          ...setUp(role, shared, new FakeTransport({ memory: memories[i] ?? "kept" })),
          expected: [] as (string | Buffer)[],
          discarded: false,
        }));
        for (const each of steps) {
          const target = all[each.which];
          if (target === undefined || target.discarded) continue;
          if (each.kind === "text") {
            const message = each.unit.repeat(each.length);
            target.output.addText(message);
            target.expected.push(message);
          } else if (each.kind === "bytes") {
            const message = Buffer.alloc(each.length, each.byte);
            target.output.addBytes(BINARY, message);
            target.expected.push(message);
          } else if (each.kind === "turn") {
            await turn();
          } else if (each.kind === "discard") {
            // One that goes away with frames in the shared slab must not disturb the others.
            target.output.discard();
            target.discarded = true;
          } else {
            target.transport[each.kind]();
          }
        }
        do {
          for (const { transport } of all) transport.drain();
          await turn();
        } while (all.some(({ transport }) => transport.pendingBytes > 0));
        for (const { expected, discarded, output, ...opened } of all) {
          if (discarded) continue;
          expect(output.framedAmount).toBe(0);
          const messages = sentMessages(opened);
          expect(messages.length).toBe(expected.length);
          for (const [i, message] of messages.entries()) {
            const same = Buffer.from(message as Buffer).equals(Buffer.from(expected[i] as Buffer));
            expect(same && typeof message === typeof expected[i]).toBe(true);
          }
        }
      },
    ),
    { numRuns: runs(1) },
  );
});

describe.each(ROLES)("a frame that others send as well, as %s", (role) => {
  test.each([0, 125, 126, 16_380, 16_381, 70_000])(
    "a shared frame of %i bytes leaves in its order, at once and after the transport was stuck",
    async (length) => {
      const payload = Buffer.alloc(length, "f");
      const ready = readyFrame(0x82, payload);
      const before = Buffer.from(ready.bytes);
      const opened = setUp(role);
      const { output, transport } = opened;
      transport.stick();
      const send = () => {
        output.addText("before");
        output.addFrame(ready);
        output.addFrame(ready);
        output.addText("behind");
      };
      send();
      await turn();
      send();
      const waiting = output.framedAmount;
      transport.drain();
      await turn();
      expect(transport.bytes).toHaveLength(waiting);
      const round = ["before", payload, payload, "behind"];
      expect(sentMessages(opened)).toEqual([...round, ...round]);
      expect(ready.bytes.equals(before)).toBe(true);
    },
  );

  test("a shared frame is dropped by an output that was discarded", async () => {
    const { output, transport } = setUp(role);
    output.discard();
    output.addFrame(readyFrame(0x82, Buffer.alloc(10)));
    await turn();
    expect([transport.writes.length, output.framedAmount]).toEqual([0, 0]);
  });
});

test("a long shared frame is written without a copy", async () => {
  const opened = setUp();
  opened.output.addFrame(readyFrame(0x82, Buffer.alloc(20_000, 1)));
  await turn();
  expect(sentMessages(opened)).toEqual([Buffer.alloc(20_000, 1)]);
});

test("bytes at which a transport threw are not written again, and what follows is", () => {
  class ThrowingOnce extends FakeTransport {
    thrown = false;

    override writeAll(pieces: readonly Buffer[]): WriteOutcome {
      return this.#orThrow(() => super.writeAll(pieces));
    }

    override write(bytes: Buffer): WriteOutcome {
      return this.#orThrow(() => super.write(bytes));
    }

    #orThrow(write: () => WriteOutcome): WriteOutcome {
      if (this.thrown) return write();
      this.thrown = true;
      throw new Error("unplugged");
    }
  }

  for (const lengths of [[10], [20_000], [20_000, 10]]) {
    const opened = setUp("server", newShared(), new ThrowingOnce());
    for (const length of lengths) opened.output.addBytes(BINARY, Buffer.alloc(length));
    expect(() => opened.output.flush()).toThrow("unplugged");
    opened.output.addText("behind");
    opened.output.addFrame(readyFrame(0x81, Buffer.from("prepared")));
    opened.output.flush();
    expect(sentMessages(opened).map(String)).toEqual(["behind", "prepared"]);
  }
});
