import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameParser, writeFrame } from "../../src/framing/index.ts";
import { type Violation, Violations } from "../../src/framing/violations.ts";
import {
  BINARY,
  byteByByte,
  CLOSE,
  CONTINUATION,
  cutAt,
  decodeFrames,
  EXAMPLE_KEY,
  type FrameSpec,
  frame,
  guarded,
  PING,
  PONG,
  type Role,
  readNaively,
  TEXT,
} from "../support/frames.ts";
import { bytesAllocatedBy } from "../support/memory.ts";
import { runs } from "../support/runs.ts";
import { conversations, longLengths, maskKeys, pattern } from "./arbitraries.ts";
import { Reader, type RecordedEvent, Recorder } from "./recorder.ts";

const ROLES: Role[] = ["server", "client"];

function bytesOf(specs: readonly FrameSpec[]): Buffer {
  return Buffer.concat(specs.map(frame));
}

/** The events of these frames, derived from the specs themselves. */
function expectedOf(specs: readonly FrameSpec[]): RecordedEvent[] {
  return specs.flatMap((spec): RecordedEvent[] => {
    const payload = Buffer.from(spec.payload ?? "");
    if (spec.opcode >= 0x8) return [{ kind: "control", opcode: spec.opcode, hex: payload.toString("hex") }];
    const final = spec.fin !== false;
    const recorded: RecordedEvent[] = [
      { kind: "frame", opcode: spec.opcode, rsv: (spec.rsv ?? 0) << 4, length: payload.length, final },
    ];
    if (payload.length > 0) recorded.push({ kind: "payload", hex: payload.toString("hex") });
    if (final) recorded.push({ kind: "end" });
    return recorded;
  });
}

function parse(
  role: Role,
  chunks: readonly Buffer[],
  allowedRsv = 0,
): { recorded: RecordedEvent[]; parser: FrameParser } {
  const recorder = new Recorder();
  const parser = new FrameParser(role, recorder, allowedRsv);
  for (const chunk of chunks) {
    if (parser.push(chunk) === -1) break;
  }
  return { recorded: recorder.recorded, parser };
}

/** Reads byte by byte. @returns the violation, and the number of bytes read until then */
function failsAt(role: Role, bytes: Buffer): { code: string | null; after: number } {
  const reader = new Reader(role);
  for (const [index, byte] of byteByByte(bytes).entries()) {
    const code = reader.read(byte);
    if (code !== null) return { code, after: index + 1 };
  }
  return { code: null, after: bytes.length };
}

describe("FrameParser, on valid frames", () => {
  for (const role of ROLES) {
    const masked = role === "server";

    it(`RFC 6455 sections 5.2-5.5: a ${role} reads the frames that were built, however the bytes are split`, () => {
      fc.assert(
        fc.property(conversations(masked), fc.array(fc.nat({ max: 20_000 }), { maxLength: 12 }), (specs, cuts) => {
          const bytes = bytesOf(specs);
          const expected = expectedOf(specs);
          expect(parse(role, [Buffer.from(bytes)]).recorded).toEqual(expected);
          expect(parse(role, cutAt(bytes, cuts)).recorded).toEqual(expected);
          expect(parse(role, byteByByte(bytes)).recorded).toEqual(expected);
        }),
        { numRuns: runs(0.6) },
      );
    });

    it(`RFC 6455 section 5.2: a ${role} reads frames around 65,535 bytes and longer ones, however the bytes are split`, () => {
      fc.assert(
        fc.property(
          conversations(masked, longLengths, 3),
          fc.array(fc.nat({ max: 300_000 }), { maxLength: 8 }),
          (specs, cuts) => {
            const bytes = bytesOf(specs);
            const same = JSON.stringify(parse(role, cutAt(bytes, cuts)).recorded) === JSON.stringify(expectedOf(specs));
            expect(same).toBe(true);
          },
        ),
        { numRuns: runs(0.25) },
      );
    });
  }

  it("RFC 6455 section 5.7: FrameParser reads the examples", () => {
    const example = (role: Role, hex: string) => {
      const reader = new Reader(role);
      expect(reader.read(Buffer.from(hex, "hex"))).toBe(null);
      return reader.events;
    };
    const hello = { kind: "message", data: "Hello" };
    expect(example("client", "810548656c6c6f")).toEqual([hello]);
    expect(example("server", "818537fa213d7f9f4d5158")).toEqual([hello]);
    expect(example("client", "010348656c80026c6f")).toEqual([hello]);
    const ping = { kind: "control", opcode: PING, payload: Buffer.from("Hello") };
    expect(example("client", "890548656c6c6f")).toEqual([ping]);
    expect(example("server", "8a8537fa213d7f9f4d5158")).toEqual([{ ...ping, opcode: PONG }]);
    const bytes = pattern(65_536, 1);
    expect(example("client", `827e0100${bytes.toString("hex", 0, 256)}`)).toEqual([
      { kind: "message", data: bytes.subarray(0, 256) },
    ]);
    expect(example("client", `827f0000000000010000${bytes.toString("hex")}`)).toEqual([
      { kind: "message", data: bytes },
    ]);
  });

  it("RFC 6455 section 5.2: FrameParser reads both words of a 64-bit length, up to 2^53 - 1", () => {
    for (const length of [2 ** 16, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 7, Number.MAX_SAFE_INTEGER]) {
      const { recorded, parser } = parse("client", [frame({ opcode: BINARY, declaredLength: length })]);
      expect(parser.violation).toBe(null);
      expect(recorded).toEqual([{ kind: "frame", opcode: BINARY, rsv: 0, length, final: true }]);
    }
  });

  it("RFC 6455 section 5.2: FrameParser passes on the reserved bits that an extension uses", () => {
    for (const rsv of [1, 2, 4, 7]) {
      const specs = [{ opcode: TEXT, rsv, payload: "x" }];
      expect(parse("client", [bytesOf(specs)], 0x70).recorded).toEqual(expectedOf(specs));
    }
  });

  it("RFC 6455 section 5.4: FrameParser reads a control frame in the middle of a fragmented message, and then the rest of the message", () => {
    const specs: FrameSpec[] = [
      { opcode: TEXT, fin: false, payload: "one", mask: [1, 2, 3, 4] },
      { opcode: PING, payload: "ping", mask: [5, 6, 7, 8] },
      { opcode: CONTINUATION, fin: false, payload: "two", mask: [9, 10, 11, 12] },
      { opcode: PONG, payload: "", mask: [13, 14, 15, 16] },
      { opcode: CONTINUATION, payload: "three", mask: [17, 18, 19, 20] },
    ];
    const bytes = bytesOf(specs);
    for (let cut = 0; cut <= bytes.length; cut++)
      expect(parse("server", cutAt(bytes, [cut])).recorded).toEqual(expectedOf(specs));
  });

  it("RFC 6455 sections 5.5.2 and 5.5.3: FrameParser passes on the payload of a control frame as a whole, for 0 to 125 bytes and any split", () => {
    for (const opcode of [CLOSE, PING, PONG]) {
      for (const length of [0, 1, 2, 63, 64, 124, 125]) {
        const specs = [{ opcode, payload: pattern(length, opcode), mask: EXAMPLE_KEY }];
        const bytes = bytesOf([...specs, ...specs]);
        const expected = expectedOf([...specs, ...specs]);
        for (let cut = 0; cut <= bytes.length; cut++) {
          const { recorded } = parse("server", cutAt(bytes, [cut, cut + 1]));
          if (JSON.stringify(recorded) !== JSON.stringify(expected))
            expect.fail(`${opcode}, ${length} bytes, cut at ${cut}`);
        }
      }
    }
  });

  it("FrameParser does not change a range that it has passed on before the end of the chunk", () => {
    fc.assert(
      fc.property(conversations(true), fc.array(fc.nat({ max: 20_000 }), { maxLength: 6 }), (specs, cuts) => {
        const rangesOfChunk: { bytes: Buffer; copy: Buffer }[] = [];
        const keep = (chunk: Buffer, start: number, end: number) => {
          const bytes = chunk.subarray(start, end);
          rangesOfChunk.push({ bytes, copy: Buffer.from(bytes) });
          return null;
        };
        const parser = new FrameParser("server", {
          onDataFrame: () => null,
          onPayload: keep,
          onMessageEnd: () => null,
          onControlFrame: (_opcode, chunk, start, end) => keep(chunk, start, end),
          onChunkEnd: () => {
            for (const { bytes, copy } of rangesOfChunk.splice(0)) expect(bytes.equals(copy)).toBe(true);
          },
        });
        for (const chunk of cutAt(bytesOf(specs), cuts)) parser.push(chunk);
        expect(rangesOfChunk).toEqual([]);
      }),
      { numRuns: runs(0.6) },
    );
    // Two control frames that both span chunks, of which the second begins where the first ends.
    const pings = ["first", "second"].map((payload) => frame({ opcode: PING, payload, mask: EXAMPLE_KEY }));
    const [first, second] = pings as [Buffer, Buffer];
    const kept: Buffer[] = [];
    const recorder = new Recorder();
    recorder.onControlFrame = (_opcode, chunk, start, end) => {
      kept.push(chunk.subarray(start, end));
      return null;
    };
    const parser = new FrameParser("server", recorder);
    for (const chunk of cutAt(Buffer.concat(pings), [first.length - 2, first.length + 8])) parser.push(chunk);
    expect(second.length).toBeGreaterThan(8);
    expect(kept).toEqual([Buffer.from("first"), Buffer.from("second")]);
  });

  it("FrameParser accepts empty chunks, and calls onChunkEnd() for each chunk", () => {
    const recorder = new Recorder();
    const parser = new FrameParser("client", recorder);
    for (const chunk of cutAt(frame({ opcode: TEXT, payload: "Hello" }), [0, 1, 3, 3])) parser.push(chunk);
    expect(parser.push(Buffer.alloc(0))).toBe(0);
    expect(recorder.recorded).toEqual(expectedOf([{ opcode: TEXT, payload: "Hello" }]));
    expect(recorder.chunkEnds).toBe(4);
  });

  it("FrameParser starts at the given offset of a chunk", () => {
    const bytes = Buffer.concat([Buffer.alloc(3, 0xff), frame({ opcode: TEXT, payload: "Hello" })]);
    const recorder = new Recorder();
    expect(new FrameParser("client", recorder).push(bytes, 3)).toBe(bytes.length);
    expect(recorder.recorded).toEqual(expectedOf([{ opcode: TEXT, payload: "Hello" }]));
  });

  it("FrameParser and the naive reader read the frames that writeFrame() wrote", () => {
    const frames = fc.array(fc.tuple(fc.nat({ max: 300 }), fc.nat(), fc.option(maskKeys, { nil: null })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(frames, (written) => {
        const masked = written.filter(([, , key]) => key !== null);
        const unmasked = written.filter(([, , key]) => key === null);
        for (const [role, group] of [
          ["server", masked],
          ["client", unmasked],
        ] as const) {
          const target = Buffer.alloc(group.length * 320);
          let end = 0;
          for (const [length, seed, key] of group) {
            const number = key === null ? null : Buffer.from(key).readInt32LE(0);
            end = writeFrame(target, end, 0x82, pattern(length, seed), number);
          }
          const bytes = target.subarray(0, end);
          const payloads = group.map(([length, seed]) => pattern(length, seed));
          expect(decodeFrames(bytes).map(({ payload }) => payload)).toEqual(payloads);
          const reader = new Reader(role);
          expect(reader.read(bytes)).toBe(null);
          expect(reader.messages).toEqual(payloads);
        }
      }),
      { numRuns: runs(1) },
    );
  });
});

describe("FrameParser, on violations", () => {
  it("RFC 6455 section 5.1: a server fails on a frame that is not masked, and a client on a masked one", () => {
    const plain = frame({ opcode: TEXT, payload: "Hello" });
    const masked = frame({ opcode: TEXT, payload: "Hello", mask: EXAMPLE_KEY });
    expect(parse("server", [plain]).parser.violation).toBe(Violations.MASK_MISSING);
    expect(parse("client", [masked]).parser.violation).toBe(Violations.MASK_UNEXPECTED);
  });

  const twoByteRules: [string, Role, FrameSpec][] = [
    ["RFC 6455 section 5.1: MASK_MISSING", "server", { opcode: BINARY, payload: Buffer.alloc(300) }],
    [
      "RFC 6455 section 5.1: MASK_UNEXPECTED",
      "client",
      { opcode: BINARY, payload: Buffer.alloc(300), mask: [1, 2, 3, 4] },
    ],
    ["RFC 6455 section 5.2: RESERVED_BITS", "client", { opcode: BINARY, rsv: 1, payload: Buffer.alloc(300) }],
    ["RFC 6455 section 5.2: RESERVED_OPCODE", "client", { opcode: 0x3, payload: Buffer.alloc(70_000) }],
    ["RFC 6455 section 5.4: CONTINUATION_UNEXPECTED", "client", { opcode: CONTINUATION, payload: Buffer.alloc(300) }],
    ["RFC 6455 section 5.5: CONTROL_TOO_LONG", "client", { opcode: PING, payload: Buffer.alloc(126) }],
    [
      "RFC 6455 section 5.5: CONTROL_FRAGMENTED",
      "server",
      { opcode: PING, fin: false, payload: "p", mask: [1, 2, 3, 4] },
    ],
  ];
  for (const [title, role, spec] of twoByteRules) {
    it(`${title} is found at the second byte, before an extended length or a key has arrived`, () => {
      expect(failsAt(role, frame(spec))).toEqual({ code: title.split(": ")[1], after: 2 });
    });
  }

  it("RFC 6455 section 5.4: CONTINUATION_MISSING is found at the second byte of the frame that should be a continuation", () => {
    const begun = frame({ opcode: TEXT, fin: false, payload: "a" });
    const bytes = Buffer.concat([begun, frame({ opcode: BINARY, payload: Buffer.alloc(300) })]);
    expect(failsAt("client", bytes)).toEqual({ code: "CONTINUATION_MISSING", after: begun.length + 2 });
  });

  it("RFC 6455 section 5.4: a message ends with its final frame, even if that is a continuation", () => {
    const specs: FrameSpec[] = [
      { opcode: TEXT, fin: false, payload: "a" },
      { opcode: CONTINUATION, payload: "b" },
    ];
    expect(failsAt("client", bytesOf([...specs, { opcode: CONTINUATION, payload: "c" }])).code).toBe(
      "CONTINUATION_UNEXPECTED",
    );
    expect(failsAt("client", bytesOf([...specs, ...specs])).code).toBe(null);
  });

  it("RFC 6455 section 5.2: a length in too many bytes is found before the payload", () => {
    for (const [payload, lengthForm, after] of [
      [125, 16, 4],
      [0, 16, 4],
      [65_535, 64, 10],
      [125, 64, 10],
    ] as const) {
      const bytes = frame({ opcode: BINARY, payload: Buffer.alloc(payload), lengthForm });
      expect(failsAt("client", bytes)).toEqual({ code: "LENGTH_NOT_MINIMAL", after });
      expect(parse("client", [bytes]).parser.violation).toBe(Violations.LENGTH_NOT_MINIMAL);
    }
  });

  it("RFC 6455 section 5.2: a 64-bit length with its most significant bit set is a violation", () => {
    expect(failsAt("client", frame({ opcode: BINARY, declaredLength: 2n ** 63n }))).toEqual({
      code: "LENGTH_HIGH_BIT",
      after: 10,
    });
  });

  it("RFC 6455 section 10.4: a frame of 2^60 bytes, the standard's own example, is a violation", () => {
    expect(failsAt("client", frame({ opcode: BINARY, declaredLength: 2n ** 60n }))).toEqual({
      code: "LENGTH_UNSAFE",
      after: 10,
    });
  });

  it("RFC 6455 section 7.1.7: after a violation FrameParser reads, reports and unmasks nothing", () => {
    const recorder = new Recorder();
    const parser = new FrameParser("server", recorder);
    const good = frame({ opcode: TEXT, payload: "Hello", mask: EXAMPLE_KEY });
    const bad = frame({ opcode: 0x3, payload: "x", mask: EXAMPLE_KEY });
    expect(parser.push(Buffer.concat([good, bad, good]))).toBe(-1);
    expect(recorder.recorded).toEqual(expectedOf([{ opcode: TEXT, payload: "Hello" }]));
    const later = Buffer.from(good);
    expect(parser.push(later)).toBe(-1);
    expect(later.equals(good)).toBe(true);
    expect(recorder.recorded).toHaveLength(3);
    expect(recorder.chunkEnds).toBe(0);
    expect(parser.violation).toBe(Violations.RESERVED_OPCODE);
  });

  for (const method of ["onDataFrame", "onPayload", "onMessageEnd", "onControlFrame"] as const) {
    it(`FrameParser stops for good after ${method}() has returned a violation`, () => {
      const specs: FrameSpec[] = [
        { opcode: method === "onControlFrame" ? PING : TEXT, payload: "Hello" },
        { opcode: TEXT, payload: "again" },
      ];
      for (const split of [(bytes: Buffer) => [bytes], byteByByte]) {
        const recorder = new Recorder();
        recorder.answers[method] = Violations.MESSAGE_TOO_BIG;
        const parser = new FrameParser("client", recorder);
        const stops = split(bytesOf(specs)).map((chunk) => parser.push(chunk));
        expect(stops.at(-1)).toBe(-1);
        expect(parser.violation).toBe(Violations.MESSAGE_TOO_BIG);
        expect(recorder.recorded.filter(({ kind }) => kind === "frame").length).toBeLessThan(2);
      }
    });
  }

  it("FrameParser stops for good after a method has returned a violation for an empty frame", () => {
    for (const [method, opcode] of [
      ["onMessageEnd", BINARY],
      ["onControlFrame", PONG],
    ] as const) {
      const recorder = new Recorder();
      recorder.answers[method] = Violations.MESSAGE_TOO_BIG;
      expect(new FrameParser("client", recorder).push(bytesOf([{ opcode }, { opcode: TEXT }]))).toBe(-1);
      expect(recorder.recorded.some((recorded) => recorded.kind === "frame" && recorded.opcode === TEXT)).toBe(false);
    }
  });
});

/** Random bytes, and conversations with some bytes changed, of which more is read. */
function hostileBytes(masked: boolean): fc.Arbitrary<Buffer> {
  const edits = fc.array(fc.tuple(fc.nat({ max: 2000 }), fc.nat({ max: 255 })), { maxLength: 4 });
  const spoilt = fc.tuple(conversations(masked, fc.nat({ max: 40 }), 3), edits).map(([specs, changes]) => {
    const bytes = bytesOf(specs).subarray(0, 250);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return bytes;
  });
  return fc.oneof(
    { weight: 4, arbitrary: spoilt },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  );
}

describe("FrameParser, on any bytes at all", () => {
  const maxPayload = 100;

  for (const role of ROLES) {
    it(`FrameParser agrees with the naive reader after each byte on the events and the violation, as ${role}`, () => {
      fc.assert(
        fc.property(hostileBytes(role === "server"), (bytes) => {
          const reader = new Reader(role, maxPayload);
          for (const [index, byte] of byteByByte(bytes).entries()) {
            const code = reader.read(byte);
            const { broken } = readNaively(bytes.subarray(0, index + 1), { role, maxPayload });
            if (code === null ? broken.length > 0 : !broken.includes(code)) {
              expect.fail(`after ${index + 1} bytes: said ${code}, broken: ${broken.join()}`);
            }
            if (code !== null) break;
          }
          expect(reader.events).toEqual(readNaively(bytes, { role, maxPayload }).events);
        }),
        { numRuns: runs(1) },
      );
    });

    it(`FrameParser never throws, and changes nothing outside its chunks, for any bytes and any split, as ${role}`, () => {
      fc.assert(
        fc.property(
          hostileBytes(role === "server"),
          fc.array(fc.nat({ max: 300 }), { maxLength: 4 }),
          fc.nat({ max: 7 }),
          (bytes, cuts, offset) => {
            const reader = new Reader(role, maxPayload);
            const chunks = cutAt(bytes, cuts).map((piece) => guarded(piece, offset));
            const code = reader.read(...chunks.map((chunk) => chunk.bytes));
            expect(chunks.every((chunk) => chunk.intact())).toBe(true);
            const expected = readNaively(bytes, { role, maxPayload });
            expect(reader.events).toEqual(expected.events);
            if (code === null) expect(expected.broken).toEqual([]);
            else expect(expected.broken).toContain(code);
          },
        ),
        { numRuns: runs(2) },
      );
    });
  }
});

describe("FrameParser.suspend", () => {
  for (const role of ROLES) {
    it(`suspend() stops after the current frame, and reading on from there gives the same events, as ${role}`, () => {
      fc.assert(
        fc.property(
          conversations(role === "server"),
          fc.array(fc.nat({ max: 20_000 }), { maxLength: 6 }),
          fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
          (specs, cuts, choices) => {
            const bytes = bytesOf(specs);
            const reader = new Reader(role);
            let count = 0;
            reader.afterEach = () => {
              if (choices[count++ % choices.length]) reader.parser.suspend();
            };
            for (const chunk of cutAt(bytes, cuts)) {
              let at = 0;
              do {
                const stoppedAt = reader.parser.push(chunk, at);
                expect(stoppedAt).toBeGreaterThanOrEqual(at);
                at = stoppedAt;
              } while (at < chunk.length);
            }
            expect(reader.events).toEqual(readNaively(bytes, { role }).events);
          },
        ),
        { numRuns: runs(1) },
      );
    });
  }

  it("a suspended push() returns the offset of the first unread byte, and reports nothing behind it", () => {
    const [first, second] = ["one", "two"].map((payload) => frame({ opcode: TEXT, payload })) as [Buffer, Buffer];
    const reader = new Reader("client");
    reader.afterEach = () => reader.parser.suspend();
    const chunk = Buffer.concat([first, second, first]);
    expect(reader.parser.push(chunk)).toBe(first.length);
    expect(reader.messages).toEqual(["one"]);
    expect(reader.parser.push(chunk, first.length)).toBe(first.length + second.length);
    expect(reader.messages).toEqual(["one", "two"]);
  });

  it("a suspended push() ends the chunk, so that an incomplete message does not depend on its memory", () => {
    const reader = new Reader("client");
    reader.afterEach = () => reader.parser.suspend();
    const chunk = bytesOf([
      { opcode: TEXT, fin: false, payload: "be" },
      { opcode: PING, payload: "p" },
      { opcode: CONTINUATION, payload: "gun" },
    ]);
    const stoppedAt = reader.parser.push(chunk);
    expect(stoppedAt).toBe(4 + 3);
    const rest = Buffer.from(chunk.subarray(stoppedAt));
    chunk.fill(0);
    reader.parser.push(rest);
    expect(reader.messages).toEqual(["begun"]);
  });
});

describe("FrameParser, memory", () => {
  it("RFC 6455 section 10.4: FrameParser allocates no memory for a declared length", () => {
    const maxPayload = 64 << 20;
    const start = Buffer.concat([
      frame({ opcode: BINARY, declaredLength: maxPayload, mask: EXAMPLE_KEY }),
      Buffer.from([0x2a]),
    ]);
    for (const split of [(bytes: Buffer) => [Buffer.from(bytes)], byteByByte]) {
      const readers = Array.from({ length: 200 }, () => new Reader("server", maxPayload));
      const chunks = readers.map(() => split(start));
      const allocated = bytesAllocatedBy(() => {
        readers.forEach((reader, index) => {
          expect(reader.read(...(chunks[index] as Buffer[]))).toBe(null);
        });
      });
      expect(allocated).toBeLessThan(readers.length * 1024);
    }
  });
});

describe("a message in one frame and one chunk", () => {
  /** Records such messages as a whole, and all others in pieces. */
  class WholeRecorder extends Recorder {
    readonly whole: { opcode: number; payload: string }[] = [];
    answer: Violation | null = null;

    onWholeMessage(opcode: number, chunk: Buffer, start: number, end: number): Violation | null {
      this.whole.push({ opcode, payload: chunk.toString("latin1", start, end) });
      this.afterEach();
      return this.answer;
    }
  }

  function recordedOf(specs: readonly FrameSpec[], cuts: readonly number[] = [], allowedRsv = 0) {
    const role = specs.some(({ mask }) => mask != null) ? "server" : "client";
    const recorder = new WholeRecorder();
    const parser = new FrameParser(role, recorder, allowedRsv);
    for (const chunk of cutAt(bytesOf(specs), [...cuts])) parser.push(chunk);
    return { recorder, parser };
  }

  it.each([
    ["a client's", EXAMPLE_KEY],
    ["a server's", null],
  ])("a message of one frame and one chunk, of up to 65,535 bytes, is reported as a whole: %s", (_, mask) => {
    const payloads = ["Hello", "", ...[125, 126, 127, 65_535].map((length) => "x".repeat(length)), "last"];
    const { recorder, parser } = recordedOf(
      payloads.map((payload, index) => ({ opcode: index % 2 === 0 ? TEXT : BINARY, payload, mask })),
    );
    expect(recorder.whole).toEqual(
      payloads.map((payload, index) => ({ opcode: index % 2 === 0 ? TEXT : BINARY, payload })),
    );
    expect(recorder.recorded).toEqual([]);
    expect(recorder.chunkEnds).toBe(1);
    expect(parser.isBetweenMessages).toBe(true);
  });

  it.each<[string, FrameSpec[], number[], number]>([
    ["of 64 KiB", [{ opcode: TEXT, payload: "x".repeat(65_536) }], [], 0],
    ["in two chunks", [{ opcode: TEXT, payload: "Hello" }], [4], 0],
    ["whose header spans chunks", [{ opcode: TEXT, payload: "Hello" }], [1], 0],
    ["whose length spans chunks", [{ opcode: TEXT, payload: "x".repeat(300) }], [3], 0],
    [
      "in two frames",
      [
        { opcode: TEXT, fin: false, payload: "Hel" },
        { opcode: CONTINUATION, payload: "lo" },
      ],
      [],
      0,
    ],
    ["with a reserved bit", [{ opcode: TEXT, rsv: 4, payload: "Hello" }], [], 0x40],
    ["that is a control frame", [{ opcode: PING, payload: "Hello" }], [], 0],
  ])("a message %s is reported in pieces", (_, specs, cuts, allowedRsv) => {
    for (const mask of [EXAMPLE_KEY, null]) {
      const { recorder } = recordedOf(
        specs.map((spec) => ({ ...spec, mask })),
        cuts,
        allowedRsv,
      );
      expect(recorder.whole).toEqual([]);
      const whole = new Recorder();
      const parser = new FrameParser(mask === null ? "client" : "server", whole, allowedRsv);
      parser.push(bytesOf(specs.map((spec) => ({ ...spec, mask }))));
      expect(recorder.recorded).toEqual(whole.recorded);
    }
  });

  it("RFC 6455 section 5.1: a whole message is rejected if it is not masked by a client, or masked by a server", () => {
    for (const [role, mask, violation] of [
      ["server", null, Violations.MASK_MISSING],
      ["client", EXAMPLE_KEY, Violations.MASK_UNEXPECTED],
    ] as const) {
      const recorder = new WholeRecorder();
      const parser = new FrameParser(role, recorder);
      expect(parser.push(bytesOf([{ opcode: TEXT, payload: "Hello", mask }]))).toBe(-1);
      expect(parser.violation).toBe(violation);
      expect(recorder.whole).toEqual([]);
    }
  });

  it("RFC 6455 section 5.2: a whole message is rejected if its length has too many bytes", () => {
    for (const [length, violation] of [
      [125, Violations.LENGTH_NOT_MINIMAL],
      [126, null],
    ] as const) {
      const recorder = new WholeRecorder();
      const parser = new FrameParser("client", recorder);
      parser.push(Buffer.concat([Buffer.from([0x80 | TEXT, 126, 0, length]), Buffer.alloc(length, "x")]));
      expect(parser.violation).toBe(violation);
      expect(recorder.whole).toHaveLength(violation === null ? 1 : 0);
    }
  });

  it("RFC 6455 section 5.4: a whole message is rejected between the frames of another one", () => {
    const { recorder, parser } = recordedOf([
      { opcode: TEXT, fin: false, payload: "Hel" },
      { opcode: TEXT, payload: "Hello" },
    ]);
    expect(parser.violation).toBe(Violations.CONTINUATION_MISSING);
    expect(recorder.whole).toEqual([]);
  });

  it("onWholeMessage() can stop the parser for good by a violation, and can suspend it", () => {
    const frames = bytesOf([
      { opcode: TEXT, payload: "one" },
      { opcode: TEXT, payload: "two" },
    ]);
    const failing = new WholeRecorder();
    failing.answer = Violations.MESSAGE_TOO_BIG;
    const failed = new FrameParser("client", failing);
    expect(failed.push(Buffer.from(frames))).toBe(-1);
    expect(failed.violation).toBe(Violations.MESSAGE_TOO_BIG);
    expect(failing.whole).toHaveLength(1);
    const pausing = new WholeRecorder();
    const paused = new FrameParser("client", pausing);
    pausing.afterEach = () => paused.suspend();
    const chunk = Buffer.from(frames);
    expect(paused.push(chunk)).toBe(5);
    expect(paused.push(chunk, 5)).toBe(10);
    expect(pausing.whole.map(({ payload }) => payload)).toEqual(["one", "two"]);
  });
});
