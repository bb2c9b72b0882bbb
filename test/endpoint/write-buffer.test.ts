import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SLAB_SIZE, SlabPool } from "../../src/endpoint/slab.ts";
import type { WriteOutcome } from "../../src/endpoint/transport.ts";
import { WriteBuffer } from "../../src/endpoint/write-buffer.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { maskNaively } from "../support/frames.ts";

const LIMIT = 9 * SLAB_SIZE;

function setUp(slabs = new SlabPool(), transport = new FakeTransport()) {
  const buffer = new WriteBuffer(slabs);
  transport.start({ onDrain: () => buffer.onDrain(), onData() {}, onEnd() {}, onClose() {} });
  const lay = (text: string, alone = false) => {
    const slab = buffer.reserve(text.length, alone);
    buffer.grow(slab, buffer.end + slab.bytes.write(text, buffer.end, "latin1"));
  };
  const write = (): WriteOutcome => buffer.write(transport);
  const writeAll = () => {
    while (buffer.size > 0 && write() === "sent");
  };
  return { slabs, buffer, transport, lay, write, writeAll };
}

test("bytes that are laid, copied and added leave in their order", () => {
  const { buffer, transport, lay, writeAll } = setUp();
  lay("laid ");
  buffer.copy(Buffer.from("copied "), null, false);
  buffer.add(Buffer.from("added "));
  lay("laid again");
  expect(buffer.size).toBe(28);
  writeAll();
  expect(transport.bytes.toString()).toBe("laid copied added laid again");
  expect(buffer).toMatchObject({ size: 0, handedOver: 28 });
});

test("several short pieces leave in one write of one buffer", () => {
  const { buffer, transport, lay, write } = setUp();
  for (let i = 0; i < 10; i++) {
    lay("head ");
    buffer.add(Buffer.from("payload "));
  }
  expect(write()).toBe("sent");
  expect(transport.writes).toHaveLength(1);
  expect(transport.bytes.toString()).toBe("head payload ".repeat(10));
});

test("one write takes no more than the limit, and the rest follows in further writes", () => {
  const { buffer, transport, writeAll } = setUp();
  const bytes = Buffer.alloc(2 * LIMIT + 5, "abcdefg");
  buffer.add(bytes);
  writeAll();
  expect(transport.writes.map(({ length }) => length)).toEqual([LIMIT, LIMIT, 5]);
  expect(transport.bytes).toEqual(bytes);
});

test("a copy that is longer than a slab is spread over several and masked as a whole", () => {
  const { buffer, transport, writeAll } = setUp();
  const bytes = Buffer.alloc(2 * SLAB_SIZE + 3, "abcdefg");
  buffer.copy(bytes, 0x3d21fa37, false);
  writeAll();
  const [masked] = [maskNaively(bytes, [0x37, 0xfa, 0x21, 0x3d])];
  expect(transport.bytes).toEqual(masked);
});

describe("the memory of waiting bytes", () => {
  test("the memory of waiting bytes is shared by all buffers of a pool, each with a region of its own", () => {
    const one = setUp();
    const other = setUp(one.slabs);
    one.lay("one ");
    other.lay("other ");
    one.lay("one again");
    expect(one.buffer.reserve(1, false)).toBe(other.buffer.reserve(1, false));
    one.writeAll();
    other.writeAll();
    expect([one.transport.bytes.toString(), other.transport.bytes.toString()]).toEqual(["one one again", "other "]);
  });

  test("the memory of waiting bytes is the buffer's alone if the bytes will wait for long", () => {
    const { buffer, slabs } = setUp();
    expect(buffer.reserve(10, true)).not.toBe(slabs.take(10));
  });

  test("the memory of waiting bytes is used again after a write that sent it at once", () => {
    const { buffer, slabs, lay, write } = setUp();
    lay("text");
    const slab = buffer.reserve(0, false);
    write();
    expect(slabs.take(SLAB_SIZE)).toBe(slab);
  });

  test("the memory of waiting bytes is not used again until the transport that still reads it has drained", () => {
    const { slabs, transport, buffer, lay, write } = setUp();
    lay("text");
    const slab = buffer.reserve(0, false);
    transport.stick();
    expect(write()).toBe("held");
    expect(slabs.take(SLAB_SIZE)).not.toBe(slab);
    transport.drain();
    expect(slab.used).toBe(0);
  });

  test("the memory of waiting bytes is never used again if it is cleared while the transport still reads it", () => {
    const { transport, buffer, lay, write } = setUp();
    lay("text");
    const slab = buffer.reserve(0, false);
    transport.stick();
    write();
    buffer.clear();
    expect(slab.reusable).toBe(false);
  });
});

test("clear() drops what waits and does not take back what was handed over", () => {
  const { buffer, transport, lay, write } = setUp();
  lay("written");
  write();
  lay("dropped");
  buffer.add(Buffer.from("dropped as well"));
  buffer.clear();
  expect(buffer).toMatchObject({ size: 0, handedOver: 7 });
  expect(transport.bytes.toString()).toBe("written");
});

test("restart() gives the bytes that were handed over, and counts from 0 again", () => {
  const { buffer, lay, write } = setUp();
  lay("written");
  write();
  expect(buffer.restart()).toBe(7);
  expect(buffer.handedOver).toBe(0);
  lay("again");
  write();
  expect(buffer.handedOver).toBe(5);
});

test("a transport that throws has been handed the bytes, and they are not written again", () => {
  const { buffer, lay } = setUp();
  lay("lost ");
  const broken = new FakeTransport();
  broken.write = () => {
    throw new Error("broken");
  };
  expect(() => buffer.write(broken)).toThrow("broken");
  expect(buffer).toMatchObject({ size: 0, handedOver: 5 });
});

const steps = fc.array(
  fc.oneof(
    fc.record({
      way: fc.constantFrom("lay", "add", "copy", "copy alone"),
      length: fc.integer({ min: 1, max: 300_000 }),
    }),
    fc.record({ way: fc.constantFrom("write", "stick", "drain"), length: fc.constant(0) }),
  ),
  { maxLength: 20 },
);

test("whatever is added and however the transport gets stuck, all bytes leave once and in their order", () => {
  fc.assert(
    fc.property(steps, fc.constantFrom("kept" as const, "copied" as const), (all, memory) => {
      const { buffer, transport, lay } = setUp(new SlabPool(), new FakeTransport({ memory }));
      const expected: Buffer[] = [];
      let stuck = false;
      const writeAll = () => {
        while (!stuck && buffer.size > 0) stuck = buffer.write(transport) !== "sent";
      };
      for (const [index, { way, length }] of all.entries()) {
        const bytes = Buffer.alloc(Math.min(length, way === "lay" ? 1000 : length), 97 + (index % 26));
        if (way === "lay") lay(bytes.toString("latin1"), stuck);
        else if (way === "add") buffer.add(bytes);
        else if (way.startsWith("copy")) buffer.copy(bytes, null, way === "copy alone");
        else if (way === "write") writeAll();
        else if (way === "stick") transport.stick();
        else stuck = drained(transport);
        if (length > 0) expected.push(bytes);
      }
      stuck = drained(transport);
      writeAll();
      const whole = Buffer.concat(expected);
      expect(transport.bytes).toEqual(whole);
      expect(buffer).toMatchObject({ size: 0, handedOver: whole.length });
    }),
  );
});

function drained(transport: FakeTransport): false {
  transport.drain();
  return false;
}
