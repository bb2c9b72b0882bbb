import { constants } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  BINARY,
  byteByByte,
  CONTINUATION,
  cutAt,
  EXAMPLE_KEY,
  type FrameSpec,
  frame,
  PING,
  PONG,
  type Role,
  readNaively,
  TEXT,
} from "../support/frames.ts";
import { bytesHeldBy } from "../support/memory.ts";
import { runs } from "../support/runs.ts";
import { conversations, longLengths, pattern } from "./arbitraries.ts";
import { Reader } from "./recorder.ts";

function bytesOf(specs: readonly FrameSpec[]): Buffer {
  return Buffer.concat(specs.map(frame));
}

/** A message in fragments of that many bytes each. */
function fragments(opcode: number, payload: Buffer, size: number): FrameSpec[] {
  const count = Math.ceil(payload.length / size);
  return Array.from({ length: count }, (_, index) => ({
    opcode: index === 0 ? opcode : CONTINUATION,
    fin: index === count - 1,
    payload: payload.subarray(index * size, (index + 1) * size),
  }));
}

describe("messages", () => {
  for (const role of ["server", "client"] as Role[]) {
    it(`RFC 6455 section 5.4: a ${role} reads the messages and control frames of the naive reader in order, however the bytes are split`, () => {
      fc.assert(
        fc.property(
          conversations(role === "server"),
          fc.array(fc.nat({ max: 20_000 }), { maxLength: 10 }),
          (specs, cuts) => {
            const bytes = bytesOf(specs);
            const { events, broken } = readNaively(bytes, { role });
            expect(broken).toEqual([]);
            for (const chunks of [[Buffer.from(bytes)], cutAt(bytes, cuts), byteByByte(bytes)]) {
              const reader = new Reader(role);
              expect(reader.read(...chunks)).toBe(null);
              expect(reader.events).toEqual(events);
            }
          },
        ),
        { numRuns: runs(0.6) },
      );
    });
  }

  it("long messages are assembled however the bytes are split", () => {
    fc.assert(
      fc.property(
        conversations(true, longLengths, 3),
        fc.array(fc.nat({ max: 300_000 }), { maxLength: 8 }),
        (specs, cuts) => {
          const bytes = bytesOf(specs);
          const { events } = readNaively(bytes, { role: "server" });
          const reader = new Reader("server");
          expect(reader.read(...cutAt(bytes, cuts))).toBe(null);
          expect(reader.events.length).toBe(events.length);
          for (const [index, event] of reader.events.entries()) {
            const data = (one: typeof event) => Buffer.from(one.kind === "message" ? one.data : one.payload);
            if (!data(event).equals(data(events[index] as typeof event))) expect.fail(`event ${index} differs`);
          }
        },
      ),
      { numRuns: runs(0.25) },
    );
  });

  it("RFC 6455 section 5.4: the opcode of the first fragment is the type of the whole message", () => {
    const payload = Buffer.from("both");
    const read = (opcode: number) => {
      const reader = new Reader("client");
      reader.read(bytesOf(fragments(opcode, payload, 1)));
      return reader.messages;
    };
    expect(read(TEXT)).toEqual(["both"]);
    expect(read(BINARY)).toEqual([payload]);
  });

  it("RFC 6455 section 5.4: empty messages and messages of empty fragments are accepted, as text and as binary", () => {
    const empty = (opcode: number): FrameSpec[] => [
      { opcode },
      { opcode, fin: false },
      { opcode: CONTINUATION, fin: false },
      { opcode: CONTINUATION },
    ];
    const bytes = bytesOf([...empty(TEXT), ...empty(BINARY)]);
    for (const chunks of [[Buffer.from(bytes)], byteByByte(bytes)]) {
      const reader = new Reader("client");
      expect(reader.read(...chunks)).toBe(null);
      expect(reader.messages).toEqual(["", "", Buffer.alloc(0), Buffer.alloc(0)]);
    }
  });
});

describe("UTF-8", () => {
  /** Reads byte by byte. @returns how many bytes it took until the violation */
  function failsAfter(bytes: Buffer, expectedCode: string): number | null {
    const reader = new Reader("client");
    for (const [index, byte] of byteByByte(bytes).entries()) {
      const code = reader.read(byte);
      if (code === null) continue;
      expect(code).toBe(expectedCode);
      return index + 1;
    }
    return null;
  }

  it("RFC 6455 section 5.6: a character may be split between frames at every byte", () => {
    const text = "aé€😀z";
    const payload = Buffer.from(text);
    for (let size = 1; size <= payload.length; size++) {
      const bytes = bytesOf(fragments(TEXT, payload, size));
      for (const chunks of [[Buffer.from(bytes)], byteByByte(bytes)]) {
        const reader = new Reader("client");
        expect(reader.read(...chunks)).toBe(null);
        expect(reader.messages).toEqual([text]);
      }
    }
  });

  const bad = Buffer.from([0x48, 0xc3, 0xa9, 0xed, 0xa0, 0x80, 0x65]);

  it("RFC 6455 section 8.1: a text that is not UTF-8 is a violation, whole, fragmented or in chunks", () => {
    for (const specs of [[{ opcode: TEXT, payload: bad }], fragments(TEXT, bad, 1), fragments(TEXT, bad, 4)]) {
      for (const chunks of [[bytesOf(specs)], byteByByte(bytesOf(specs)), cutAt(bytesOf(specs), [5])]) {
        const reader = new Reader("client");
        expect(reader.read(...chunks)).toBe("TEXT_NOT_UTF8");
        expect(reader.parser.violation?.closeCode).toBe(1007);
        expect(reader.messages).toEqual([]);
      }
    }
  });

  it("RFC 6455 section 8.1: invalid UTF-8 is found at its first byte, before the frame and the message have ended", () => {
    const declared = frame({ opcode: TEXT, declaredLength: 100 });
    expect(failsAfter(Buffer.concat([declared, bad]), "TEXT_NOT_UTF8")).toBe(declared.length + 5);
    const first = frame({ opcode: TEXT, fin: false, payload: bad.subarray(0, 4) });
    const rest = frame({ opcode: CONTINUATION, fin: false, payload: bad.subarray(4) });
    expect(failsAfter(Buffer.concat([first, rest]), "TEXT_NOT_UTF8")).toBe(first.length + 3);
  });

  it("RFC 6455 section 8.1: invalid UTF-8 in one chunk is found before the message has ended", () => {
    const reader = new Reader("client");
    expect(reader.read(Buffer.concat([frame({ opcode: TEXT, declaredLength: 100 }), bad]))).toBe("TEXT_NOT_UTF8");
    const fragmented = new Reader("client");
    expect(fragmented.read(frame({ opcode: TEXT, fin: false, payload: bad }))).toBe("TEXT_NOT_UTF8");
  });

  it("RFC 6455 section 8.1: a text that ends inside a character is a violation", () => {
    const cut = Buffer.from("ab€").subarray(0, 4);
    for (const specs of [
      [{ opcode: TEXT, payload: cut }],
      fragments(TEXT, cut, 1),
      [{ opcode: TEXT, fin: false, payload: cut }, { opcode: CONTINUATION }],
    ]) {
      for (const chunks of [[bytesOf(specs)], byteByByte(bytesOf(specs))]) {
        expect(new Reader("client").read(...chunks)).toBe("TEXT_NOT_UTF8");
      }
    }
  });

  it("RFC 6455 section 5.6: binary data is not validated, and does not affect the text behind it", () => {
    const bytes = bytesOf([...fragments(BINARY, bad, 2), { opcode: TEXT, payload: "é" }]);
    for (const chunks of [[Buffer.from(bytes)], byteByByte(bytes)]) {
      const reader = new Reader("client");
      expect(reader.read(...chunks)).toBe(null);
      expect(reader.messages).toEqual([bad, "é"]);
    }
  });
});

describe("limits", () => {
  const LIMIT = 1000;
  const read = (...specs: FrameSpec[]) => new Reader("client", LIMIT).read(bytesOf(specs));

  it("RFC 6455 section 10.4: a message of maxPayload bytes is accepted, and one more byte is too big", () => {
    for (const opcode of [TEXT, BINARY]) {
      expect(read({ opcode, payload: Buffer.alloc(LIMIT) })).toBe(null);
      expect(read({ opcode, payload: Buffer.alloc(LIMIT + 1) })).toBe("MESSAGE_TOO_BIG");
    }
  });

  it("RFC 6455 section 10.4: a message that is too big is found at its header, before the payload", () => {
    expect(read({ opcode: BINARY, declaredLength: LIMIT + 1 })).toBe("MESSAGE_TOO_BIG");
    expect(read({ opcode: BINARY, declaredLength: Number.MAX_SAFE_INTEGER })).toBe("MESSAGE_TOO_BIG");
  });

  it("RFC 6455 section 10.4: maxPayload limits the sum of the fragments of each message", () => {
    const half: FrameSpec = { opcode: BINARY, fin: false, payload: Buffer.alloc(LIMIT / 2) };
    const rest = (length: number): FrameSpec => ({ opcode: CONTINUATION, payload: Buffer.alloc(length) });
    expect(read(half, rest(LIMIT / 2), half, rest(LIMIT / 2))).toBe(null);
    expect(read(half, { opcode: CONTINUATION, declaredLength: LIMIT / 2 + 1 })).toBe("MESSAGE_TOO_BIG");
  });

  it("RFC 6455 section 10.4: a message too long for a string or a Buffer is too big, whatever maxPayload is", () => {
    const first = (opcode: number, declaredLength: number) =>
      new Reader("client", Number.MAX_SAFE_INTEGER).read(frame({ opcode, declaredLength }));
    expect(first(TEXT, constants.MAX_STRING_LENGTH)).toBe(null);
    expect(first(TEXT, constants.MAX_STRING_LENGTH + 1)).toBe("MESSAGE_TOO_BIG");
    expect(first(BINARY, constants.MAX_LENGTH)).toBe(null);
    if (constants.MAX_LENGTH < Number.MAX_SAFE_INTEGER) {
      expect(first(BINARY, constants.MAX_LENGTH + 1)).toBe("MESSAGE_TOO_BIG");
    }
  });

  const emptyFragment = { opcode: CONTINUATION, fin: false };

  /** The number of empty fragments that a message may have. */
  function emptyFragmentsTaken(reader: Reader, mask: readonly number[] | null): number {
    expect(reader.read(frame({ opcode: BINARY, fin: false, mask }))).toBe(null);
    let count = 0;
    while (reader.read(frame({ ...emptyFragment, mask })) === null && count < 100_000) count++;
    expect(reader.parser.violation?.code).toBe("EMPTY_FRAGMENTS");
    return count;
  }

  it("RFC 6455 section 10.4: endless empty fragments are a violation", () => {
    expect(emptyFragmentsTaken(new Reader("client"), null)).toBeLessThan(2000);
    expect(emptyFragmentsTaken(new Reader("server"), EXAMPLE_KEY)).toBeLessThan(2000);
  });

  it("RFC 6455 section 10.4: the payload of an earlier message allows no more empty fragments", () => {
    const reader = new Reader("client");
    reader.read(frame({ opcode: BINARY, payload: Buffer.alloc(5000) }));
    expect(emptyFragmentsTaken(reader, null)).toBe(emptyFragmentsTaken(new Reader("client"), null));
  });

  it("the last fragment of a message may be empty, however many were before", () => {
    const most = emptyFragmentsTaken(new Reader("client"), null);
    const reader = new Reader("client");
    const empty = Array.from({ length: most }, () => emptyFragment);
    expect(reader.read(bytesOf([{ opcode: BINARY, fin: false }, ...empty, { opcode: CONTINUATION }]))).toBe(null);
    expect(reader.messages).toEqual([Buffer.alloc(0)]);
  });

  it("RFC 6455 section 10.4: endless empty fragments behind some payload are a violation", () => {
    const reader = new Reader("client");
    reader.read(bytesOf([{ opcode: BINARY, fin: false, payload: Buffer.alloc(5000) }]));
    const empty = bytesOf(Array.from({ length: 10_000 }, () => emptyFragment));
    expect(reader.read(empty)).toBe("EMPTY_FRAGMENTS");
  });

  it("each message may have a thousand empty fragments before its first byte, and one more for each byte", () => {
    const thousand = Array.from({ length: 1000 }, (): FrameSpec => ({ opcode: CONTINUATION, fin: false }));
    const everyOther = Array.from(
      { length: 8000 },
      (_, index): FrameSpec => ({ opcode: CONTINUATION, fin: false, payload: index % 2 === 0 ? "x" : "" }),
    );
    const message = bytesOf([{ opcode: TEXT, fin: false }, ...thousand, ...everyOther, { opcode: CONTINUATION }]);
    const reader = new Reader("client");
    expect(reader.read(Buffer.from(message), Buffer.from(message))).toBe(null);
    expect(reader.messages).toEqual(["x".repeat(4000), "x".repeat(4000)]);
  });
});

describe("memory", () => {
  it("RFC 6455 section 10.4: 4 MiB in fragments of 64 bytes are assembled in at most 2.2 times their size", () => {
    const payload = pattern(4 << 20, 5);
    const specs = fragments(BINARY, payload, 64);
    const bytes = bytesOf(specs.slice(0, -1));
    const reader = new Reader("client");
    const held = bytesHeldBy(() => {
      for (let at = 0; at < bytes.length; at += 16_384) reader.read(Buffer.from(bytes.subarray(at, at + 16_384)));
      return reader;
    });
    expect(held).toBeLessThan(2.2 * payload.length);
    expect(reader.read(frame(specs.at(-1) as FrameSpec))).toBe(null);
    expect((reader.messages[0] as Buffer).equals(payload)).toBe(true);
  });

  it("4 MiB of text in fragments of 64 bytes in one chunk are assembled", () => {
    const payload = Buffer.from("é".repeat(2 << 20));
    const reader = new Reader("client");
    expect(reader.read(bytesOf(fragments(TEXT, payload, 64)))).toBe(null);
    expect(reader.messages[0] === payload.toString()).toBe(true);
  });

  it("RFC 6455 section 10.4: fragments of one byte in chunks of one byte hold at most 3 times their payload", () => {
    const payload = pattern(60_000, 6);
    const specs = fragments(BINARY, payload, 1);
    const reader = new Reader("client");
    const held = bytesHeldBy(() => {
      for (const spec of specs.slice(0, -1)) reader.read(...byteByByte(frame(spec)));
      return reader;
    });
    expect(held).toBeLessThan(3 * payload.length);
    reader.read(frame(specs.at(-1) as FrameSpec));
    expect((reader.messages[0] as Buffer).equals(payload)).toBe(true);
  });

  it("an assembler holds no memory of a message that it has passed on", () => {
    const reader = new Reader("client");
    const held = bytesHeldBy(() => {
      const bytes = frame({ opcode: BINARY, payload: Buffer.alloc(1 << 20) });
      for (let at = 0; at < bytes.length; at += 65_536) reader.read(Buffer.from(bytes.subarray(at, at + 65_536)));
      reader.events.length = 0;
      return reader;
    });
    expect(held).toBeLessThan(65_536);
  });
});

describe("the chunk's memory", () => {
  function chunkOf(...specs: FrameSpec[]): Buffer {
    const bytes = bytesOf(specs);
    const chunk = Buffer.allocUnsafeSlow(bytes.length);
    bytes.copy(chunk);
    return chunk;
  }

  const large = pattern(10_000, 4);

  it("binary messages are copies that do not depend on the memory of the chunk, and large ones have memory of their length", () => {
    for (const mask of [EXAMPLE_KEY, null]) {
      const payloads = [large, Buffer.from("small"), large.subarray(0, 9000), Buffer.alloc(0)];
      const chunk = chunkOf(...payloads.map((payload) => ({ opcode: BINARY, payload, mask })));
      const reader = new Reader(mask === null ? "client" : "server");
      expect(reader.read(chunk)).toBe(null);
      chunk.fill(0);
      const messages = reader.messages as Buffer[];
      expect(messages).toEqual(payloads.map((payload) => Buffer.from(payload)));
      expect(messages[0]?.buffer.byteLength).toBe(10_000);
    }
  });

  it("fragments in one chunk are joined in place, and the control frames between them are passed on intact", () => {
    const pieces = [3000, 7000, 10_000].map((end, index, ends) => large.subarray(ends[index - 1] ?? 0, end));
    const specs = (mask: readonly number[] | null): FrameSpec[] => [
      { opcode: BINARY, fin: false, payload: pieces[0], mask },
      { opcode: PING, payload: pattern(125, 1), mask },
      { opcode: CONTINUATION, fin: false, payload: pieces[1], mask },
      { opcode: CONTINUATION, fin: false, mask },
      { opcode: PONG, payload: pattern(60, 2), mask },
      { opcode: CONTINUATION, payload: pieces[2], mask },
      { opcode: TEXT, payload: "after", mask },
    ];
    for (const [role, mask] of [
      ["server", EXAMPLE_KEY],
      ["client", null],
    ] as const) {
      const chunk = chunkOf(...specs(mask));
      const reader = new Reader(role);
      expect(reader.read(chunk)).toBe(null);
      expect(reader.events).toEqual([
        { kind: "control", opcode: PING, payload: pattern(125, 1) },
        { kind: "control", opcode: PONG, payload: pattern(60, 2) },
        { kind: "message", data: large },
        { kind: "message", data: "after" },
      ]);
    }
  });

  it("an incomplete message does not depend on the memory of its chunks", () => {
    const bytes = chunkOf({ opcode: BINARY, payload: large });
    const chunks = cutAt(bytes, [5000]);
    const reader = new Reader("client");
    reader.read(...chunks);
    for (const chunk of chunks) chunk.fill(0);
    expect((reader.messages[0] as Buffer).equals(large)).toBe(true);
  });
});

describe("a message in one frame and one chunk", () => {
  it("RFC 6455 section 10.4: a message in one frame and one chunk may have maxPayload bytes and no more", () => {
    for (const [maxPayload, code] of [
      [5, null],
      [4, "MESSAGE_TOO_BIG"],
    ] as const) {
      for (const opcode of [TEXT, BINARY]) {
        expect(new Reader("client", maxPayload).read(frame({ opcode, payload: "Hello" }))).toBe(code);
      }
    }
  });

  it("RFC 6455 section 8.1: a text in one frame and one chunk that is not UTF-8 is a violation", () => {
    expect(new Reader("client").read(frame({ opcode: TEXT, payload: Buffer.from([0x48, 0xff]) }))).toBe(
      "TEXT_NOT_UTF8",
    );
    expect(new Reader("client").read(frame({ opcode: TEXT, payload: Buffer.from([0xc3]) }))).toBe("TEXT_NOT_UTF8");
  });
});
