import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type HeadLimits, HeadReader, type HeadReading, isRefusal } from "../../src/handshake/index.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { requestText } from "../support/heads.ts";
import { runs } from "../support/runs.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

/** Pushes the bytes in pieces cut at these places, until there is a reading; then `rest` is all that follows. */
function readInPieces(input: Buffer, cuts: readonly number[], limits: Partial<HeadLimits> = {}) {
  const reader = new HeadReader(limits);
  const places = [...new Set(cuts.map((cut) => Math.min(cut, input.length)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, input.length]) {
    const reading = reader.push(input.subarray(from, to));
    from = to;
    if (reading !== null) return plain(reading, input.subarray(from));
  }
  return null;
}

function plain(reading: Exclude<HeadReading, null>, unread: Buffer) {
  if (isRefusal(reading)) return reading;
  return { head: reading.head, rest: Buffer.concat([reading.rest, unread]).toString("latin1") };
}

const oneByOne = (input: Buffer) => Array.from(input, (_, at) => at);

/** The same in the plainest way: all bytes at once, with a regular expression a rule. */
function naive(text: string, maxHeadBytes: number) {
  const start = text.startsWith("\r\n") ? 2 : 0;
  const body = text.slice(start);
  const emptyLine = body.startsWith("\r\n") ? 0 : body.indexOf("\r\n\r\n");
  const stop = emptyLine < 0 ? text.length : start + emptyLine + (emptyLine === 0 && body.startsWith("\r\n") ? 2 : 4);
  const seen = text.slice(0, Math.min(stop, maxHeadBytes));
  // A CR at the very end may still be followed by its LF.
  const hasBadByte = /[^\t\x20-\x7e\x80-\xff]/.test(seen.replace(/\r$/, "").replaceAll("\r\n", ""));
  if (hasBadByte) return Refusals.HEAD_BAD_BYTE;
  if (emptyLine >= 0 && stop <= maxHeadBytes) return { head: body.slice(0, emptyLine), rest: text.slice(stop) };
  return text.length > maxHeadBytes ? Refusals.HEAD_TOO_LARGE : null;
}

describe("any split of the bytes", () => {
  const piece = fc.constantFrom(
    "\r\n",
    "\r\n\r\n",
    "\r",
    "\n",
    "a",
    "GET / HTTP/1.1",
    "A: b",
    "\t",
    "\xff",
    "\0",
    "\x7f",
  );
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const clean = fc
    .array(fc.constantFrom("\r\n", "ab", " ", "\xe9", "A: b\r\n"), { maxLength: 12 })
    .map((all) => all.join(""));
  const cuts = fc.array(fc.nat(80), { maxLength: 12 });

  test("gives the same reading, which is the naive one's", () => {
    fc.assert(
      fc.property(fc.oneof(soup, clean), cuts, fc.integer({ min: 1, max: 60 }), (text, places, maxHeadBytes) => {
        const input = bytes(text);
        const expected = naive(text, maxHeadBytes);
        expect(readInPieces(input, [], { maxHeadBytes })).toEqual(expected);
        expect(readInPieces(input, places, { maxHeadBytes })).toEqual(expected);
        expect(readInPieces(input, oneByOne(input), { maxHeadBytes })).toEqual(expected);
      }),
      { numRuns: runs(10) },
    );
  });

  test("of a real request, at every single place, leaves the bytes behind it whole", () => {
    const input = bytes(`${requestText()}\r\n\r\nframes\r\n\r\n`);
    for (let cut = 0; cut <= input.length; cut++) {
      expect(readInPieces(input, [cut])).toEqual({ head: requestText(), rest: "frames\r\n\r\n" });
    }
  });

  test("random bytes never throw", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (chunks) => {
        const reader = new HeadReader({ maxHeadBytes: 64 });
        for (const chunk of chunks) reader.push(Buffer.from(chunk));
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("bad bytes", () => {
  test.each([
    ["a bare LF", "GET / HTTP/1.1\n"],
    ["a bare LF as the empty line", "GET / HTTP/1.1\r\n\n"],
    ["a bare CR", "GET /\rX"],
    ["a CR after a CR", "GET /\r\r"],
    ["a CR at the start, without its LF", "\rG"],
    ["an LF at the start", "\n"],
    ["the last CR without its LF", "A\r\n\rB"],
    ["NUL", "GET /\0"],
    ["a vertical tab", "A: b\x0b"],
    ["DEL", "A: b\x7f"],
    ["escape", "\x1b"],
  ])("RFC 9112 section 2.2: %s is refused at once, before the head has ended", (_, text) => {
    expect(readInPieces(bytes(text), [])).toBe(Refusals.HEAD_BAD_BYTE);
    expect(readInPieces(bytes(text), oneByOne(bytes(text)))).toBe(Refusals.HEAD_BAD_BYTE);
  });

  test("of the 256 bytes, those inside a line are HTAB, SP, VCHAR and obs-text (RFC 9110 section 5.5)", () => {
    for (let byte = 0; byte < 256; byte++) {
      if (byte === 0x0d) continue; // begins the end of the line
      const reading = new HeadReader().push(Buffer.from([0x41, byte]));
      const isGood = byte === 9 || (byte >= 0x20 && byte !== 0x7f);
      expect(reading, `byte ${byte}`).toBe(isGood ? null : Refusals.HEAD_BAD_BYTE);
    }
  });

  test("bytes behind the head are not looked at", () => {
    expect(readInPieces(bytes("A\r\n\r\n\0\n\r"), [])).toEqual({ head: "A", rest: "\0\n\r" });
  });

  test("a refused reader gives the same refusal for ever", () => {
    const reader = new HeadReader();
    expect(reader.push(bytes("\0"))).toBe(Refusals.HEAD_BAD_BYTE);
    expect(reader.push(bytes("A\r\n\r\n"))).toBe(Refusals.HEAD_BAD_BYTE);
  });
});

describe("an empty line before the start line", () => {
  test("RFC 9112 section 2.2: one CRLF is skipped", () => {
    expect(readInPieces(bytes("\r\nA\r\n\r\n"), [])).toEqual({ head: "A", rest: "" });
    expect(readInPieces(bytes("\r\nA\r\n\r\n"), [1, 2, 3])).toEqual({ head: "A", rest: "" });
  });

  test("a second one ends a head that has no start line", () => {
    expect(readInPieces(bytes("\r\n\r\nA"), [])).toEqual({ head: "", rest: "A" });
    expect(readInPieces(bytes("\r\n\r\nA"), [1, 2, 3])).toEqual({ head: "", rest: "A" });
  });
});

describe("the limit", () => {
  const head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";

  test("a head of exactly maxHeadBytes is read, one byte more is refused", () => {
    expect(readInPieces(bytes(head), [], { maxHeadBytes: head.length })).toMatchObject({ rest: "" });
    expect(readInPieces(bytes(head), [], { maxHeadBytes: head.length - 1 })).toBe(Refusals.HEAD_TOO_LARGE);
  });

  test("what follows the head does not count", () => {
    const input = bytes(head + "x".repeat(1000));
    expect(readInPieces(input, [], { maxHeadBytes: head.length })).toMatchObject({ rest: "x".repeat(1000) });
  });

  test("it is told as soon as it is passed, not when the head ends", () => {
    const reader = new HeadReader({ maxHeadBytes: 8 });
    expect(reader.push(bytes("GET /abc"))).toBeNull();
    expect(reader.push(bytes("d"))).toBe(Refusals.HEAD_TOO_LARGE);
  });

  test("it is 16,384 bytes unless told", () => {
    const fits = `${"a".repeat(16_380)}\r\n\r\n`;
    expect(readInPieces(bytes(fits), [])).toMatchObject({ rest: "" });
    expect(readInPieces(bytes(`a${fits}`), [])).toBe(Refusals.HEAD_TOO_LARGE);
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("%s is no limit and throws", (maxHeadBytes) => {
    expect(() => new HeadReader({ maxHeadBytes })).toThrow(RangeError);
  });
});

describe("memory and work", () => {
  test("the rest is a view of the chunk, not a copy", () => {
    const chunk = bytes("A\r\n\r\nrest");
    const reading = new HeadReader().push(chunk);
    if (reading === null || isRefusal(reading)) throw new Error("expected a head");
    expect(reading.rest.buffer).toBe(chunk.buffer);
    expect(reading.rest.byteOffset).toBe(chunk.byteOffset + 5);
  });

  test("chunks are copied, so that a caller may use its buffer again", () => {
    const reader = new HeadReader();
    const shared = bytes("AB");
    reader.push(shared);
    shared.fill(0x43);
    expect(reader.push(bytes("\r\n\r\n"))).toMatchObject({ head: "AB" });
  });

  test("a megabyte that comes one byte at a time is read", () => {
    const input = bytes(`${"a".repeat(1 << 20)}\r\n\r\n`);
    const reading = readInPieces(input, oneByOne(input), { maxHeadBytes: 1 << 21 });
    expect(reading).toMatchObject({ rest: "" });
  });

  test("empty chunks change nothing", () => {
    const reader = new HeadReader();
    expect(reader.push(bytes(""))).toBeNull();
    expect(reader.push(bytes("A\r\n"))).toBeNull();
    expect(reader.push(bytes(""))).toBeNull();
    expect(reader.push(bytes("\r\n"))).toMatchObject({ head: "A" });
  });

  test("after a head the reader begins anew, so that what follows an interim response is read", () => {
    const reader = new HeadReader({ maxHeadBytes: 40 });
    const first = reader.push(bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 X\r\n\r\nframes"));
    if (first === null || isRefusal(first)) throw new Error("expected a head");
    expect(first.head).toBe("HTTP/1.1 100 Continue");
    expect(reader.push(first.rest)).toMatchObject({ head: "HTTP/1.1 101 X", rest: bytes("frames") });
  });
});
