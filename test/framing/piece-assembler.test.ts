import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameParser, PieceAssembler, type PieceListener, Violations } from "../../src/framing/index.ts";
import { BINARY, CONTINUATION, cutAt, EXAMPLE_KEY, type FrameSpec, frame, PING, TEXT } from "../support/frames.ts";
import { RUNS } from "../support/runs.ts";

function setUp(maxPayload = Number.POSITIVE_INFINITY, decodesAll = false) {
  const log: unknown[] = [];
  let bytes = Buffer.alloc(0);
  const listener: PieceListener = {
    onMessageBegin: (opcode, rsv) => void log.push(["begin", opcode, rsv]),
    onPiece(chunk, start, end) {
      bytes = Buffer.concat([bytes, chunk.subarray(start, end)]);
      return null;
    },
    onMessageEnd() {
      log.push(["end", bytes.toString("latin1")]);
      bytes = Buffer.alloc(0);
      return null;
    },
    onControlFrame(opcode, chunk, start, end) {
      log.push(["control", opcode, chunk.toString("latin1", start, end)]);
      return null;
    },
  };
  const parser = new FrameParser("server", new PieceAssembler(listener, maxPayload, decodesAll), 0x70);
  return { log, parser };
}

const wire = (...specs: readonly FrameSpec[]) =>
  Buffer.concat(specs.map((spec) => frame({ mask: EXAMPLE_KEY, ...spec })));

const fragments = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 5 });
const messages = fc.array(fc.record({ opcode: fc.constantFrom(TEXT, BINARY), fragments, pings: fc.boolean() }), {
  maxLength: 5,
});

test("any cutting of frames into chunks gives the same messages, with the control frames between their fragments", () => {
  fc.assert(
    fc.property(messages, fc.array(fc.nat(2000), { maxLength: 30 }), (all, cuts) => {
      const frames: FrameSpec[] = [];
      const expected: unknown[] = [];
      for (const { opcode, fragments, pings } of all) {
        expected.push(["begin", opcode, 0]);
        for (const [index, payload] of fragments.entries()) {
          const fin = index === fragments.length - 1;
          frames.push({ opcode: index === 0 ? opcode : CONTINUATION, payload, fin });
          if (pings && !fin) {
            frames.push({ opcode: PING, payload: "p" });
            expected.push(["control", PING, "p"]);
          }
        }
        expected.push(["end", Buffer.concat(fragments).toString("latin1")]);
      }
      const { log, parser } = setUp();
      for (const chunk of cutAt(wire(...frames), cuts)) parser.push(chunk);
      expect(parser.violation).toBe(null);
      expect(log).toEqual(expected);
    }),
    { numRuns: RUNS },
  );
});

describe("the longest message", () => {
  test("is judged by what the headers announce, over all fragments", () => {
    const { parser } = setUp(10);
    parser.push(wire({ opcode: BINARY, payload: "123456", fin: false }));
    expect(parser.violation).toBe(null);
    parser.push(wire({ opcode: CONTINUATION, payload: "12345" }));
    expect(parser.violation).toBe(Violations.MESSAGE_TOO_BIG);
  });

  test("does not bound 4 GiB in one frame if there is no limit", () => {
    const { parser, log } = setUp();
    parser.push(wire({ opcode: BINARY, payload: "x", declaredLength: 2n ** 32n }));
    expect([parser.violation, log]).toEqual([null, [["begin", BINARY, 0]]]);
  });

  test("may be longer while it is encoded", () => {
    const { parser } = setUp(10);
    parser.push(wire({ opcode: BINARY, payload: "12345678901", rsv: 4 }));
    expect(parser.violation).toBe(null);
    const other = setUp(10, true);
    other.parser.push(wire({ opcode: BINARY, payload: "12345678901" }));
    expect(other.parser.violation).toBe(null);
  });
});

test("a message with far more empty fragments than bytes is rejected", () => {
  const { parser } = setUp();
  parser.push(wire({ opcode: BINARY, payload: "x", fin: false }));
  for (let count = 0; count < 1026; count++) parser.push(wire({ opcode: CONTINUATION, fin: false }));
  expect(parser.violation).toBe(Violations.EMPTY_FRAGMENTS);
});
