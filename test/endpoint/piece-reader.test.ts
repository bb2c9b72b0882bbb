import fc from "fast-check";
import { expect, test } from "vitest";
import { PieceReader } from "../../src/endpoint/piece-reader.ts";
import { STRING_OR_BUFFER } from "../../src/framing/index.ts";
import { text, wire } from "../support/connection-harness.ts";
import { BINARY, CONTINUATION, PING } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

type Event = [name: string, ...details: unknown[]];

function setUp({ maxStreamPayload = 1000, inPieces = true } = {}) {
  const events: Event[] = [];
  const shared = { role: "server", form: STRING_OR_BUFFER, maxPayload: 1000, maxStreamPayload } as const;
  const reader = new PieceReader(shared, null, {
    isPaused: false,
    onMessage: (message) => void events.push(["whole", String(message)]),
    onEncodedMessage: () => null,
    onControlFrame: (opcode, chunk, start, end) => {
      events.push(["control", opcode, chunk.toString("latin1", start, end)]);
      return null;
    },
    onPieceRead() {},
    onDecodingBusy() {},
    onDecodingIdle() {},
    onDecodingFailed() {},
  });
  if (inPieces) {
    reader.listener = {
      onMessageBegin: (opcode) => void events.push(["begin", opcode]),
      onPiece: (piece) => void events.push(["piece", String(piece)]),
      onMessageEnd: () => void events.push(["end"]),
    };
  }
  return { reader, events, push: (bytes: Buffer) => reader.parser.push(Buffer.from(bytes)) };
}

const FRAGMENTS = wire(
  "server",
  { ...text("caf"), fin: false },
  { opcode: PING, payload: "!" },
  { opcode: CONTINUATION, payload: "\u00e9" },
);

test("a piece reader passes on each fragment as it arrives, and control frames between them", () => {
  const { events, push } = setUp();
  push(FRAGMENTS);
  expect(events).toEqual([["begin", 1], ["piece", "caf"], ["control", PING, "!"], ["piece", "\u00e9"], ["end"]]);
});

test("a piece reader without a listener reads past a message, and still passes on control frames", () => {
  const { events, push } = setUp({ inPieces: false });
  push(FRAGMENTS);
  expect(events).toEqual([["control", PING, "!"]]);
});

test("a listener that leaves within a message still gets the rest and the end of it, and no further message", () => {
  const { reader, events, push } = setUp();
  push(wire("server", { ...text("a"), fin: false }));
  reader.listener = null;
  push(wire("server", { opcode: CONTINUATION, payload: "b" }, text("next")));
  expect(events).toEqual([["begin", 1], ["piece", "a"], ["piece", "b"], ["end"]]);
});

test("RFC 6455 section 10.4: a message past maxStreamPayload is a violation before its bytes arrive", () => {
  const { reader, push } = setUp({ maxStreamPayload: 3 });
  push(wire("server", { opcode: BINARY, payload: Buffer.alloc(4) }).subarray(0, 6));
  expect(reader.parser.violation).toMatchObject({ code: "MESSAGE_TOO_BIG", closeCode: 1009 });
});

test("RFC 6455 section 8.1: text in pieces is the whole text and cut between characters, however it arrives in chunks", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), fc.infiniteStream(fc.nat(5)), (message, lengths) => {
      const { events, push } = setUp();
      let rest = wire("server", text(message));
      for (const length of lengths) {
        if (rest.length === 0) break;
        push(rest.subarray(0, length + 1));
        rest = rest.subarray(length + 1);
      }
      const pieces = events.filter(([name]) => name === "piece").map(([, piece]) => piece as string);
      expect(pieces.join("")).toBe(message);
      expect(pieces.filter((piece) => piece === "" || /\p{Cs}/u.test(piece))).toEqual([]);
    }),
    { numRuns: runs(1) },
  );
});
