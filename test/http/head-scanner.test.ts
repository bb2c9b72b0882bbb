import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeadLimits } from "../../src/http/head-limits.ts";
import { type HeadFound, HeadScanner } from "../../src/http/head-scanner.ts";
import { byteByByte } from "../support/frames.ts";
import { requestText } from "../support/heads.ts";
import { runs } from "../support/runs.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

/** Pushes the bytes in pieces, cut at these places, up to a result, whose `rest` is then everything that follows. */
function scanInPieces(input: Buffer, cuts: readonly number[], limits: Partial<HeadLimits> = {}) {
  const scanner = new HeadScanner(limits);
  const places = [...new Set(cuts.map((cut) => Math.min(cut, input.length)))].sort((a, b) => a - b);
  let from = 0;
  for (const to of [...places, input.length]) {
    const found = scanner.push(input.subarray(from, to));
    from = to;
    if (found === null) continue;
    if ("rule" in found) return found;
    return { text: found.text, rest: Buffer.concat([found.rest, input.subarray(from)]).toString("latin1") };
  }
  return null;
}

const scan = (text: string, limits: Partial<HeadLimits> = {}) => scanInPieces(bytes(text), [], limits);
const oneByOne = (input: Buffer) => Array.from(input, (_, at) => at);

function foundIn(scanner: HeadScanner, chunk: Buffer): HeadFound {
  const found = scanner.push(chunk);
  if (found === null || "rule" in found) throw new Error("expected a head");
  return found;
}

/** The same rules in the plainest way: all bytes at once, with a regular expression for each rule. */
function naive(text: string, maxHeadBytes: number) {
  const start = text.startsWith("\r\n") ? 2 : 0;
  const body = text.slice(start);
  const emptyLine = body.startsWith("\r\n") ? 0 : body.indexOf("\r\n\r\n");
  const stop = emptyLine < 0 ? text.length : start + emptyLine + (emptyLine === 0 && body.startsWith("\r\n") ? 2 : 4);
  const seen = text.slice(0, Math.min(stop, maxHeadBytes));
  // A CR at the very end may still be followed by its LF.
  const bad = /\r(?!\n)[\s\S]|(?<!\r)\n|[^\t\x20-\x7e\x80-\xff\r\n]/.exec(seen);
  if (bad !== null) {
    const lines = seen.slice(start, bad.index).split("\r\n");
    if (/[\r\n]/.test(bad[0])) return "lineEnd";
    if (lines.length === 1) return "startLineByte";
    return /^[ \t]|:/.test(lines.at(-1) ?? "") ? "fieldValueByte" : "fieldNameByte";
  }
  if (emptyLine >= 0 && stop <= maxHeadBytes) return { text: body.slice(0, emptyLine), rest: text.slice(stop) };
  if (text.length <= maxHeadBytes) return null;
  return seen.slice(start).includes("\r\n") ? "headSize" : "startLineSize";
}

describe("a head, however its bytes are split into chunks,", () => {
  const piece = fc.constantFrom(
    ...["\r\n", "\r\n\r\n", "\r", "\n", "a", "GET / HTTP/1.1", "A: b", "\t", "\xff", "\0", "\x7f"],
  );
  const soup = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
  const clean = fc
    .array(fc.constantFrom("\r\n", "ab", " ", "\xe9", "A: b\r\n"), { maxLength: 12 })
    .map((all) => all.join(""));
  const cuts = fc.array(fc.nat(80), { maxLength: 12 });

  test("gives the same result as a naive reading of all bytes at once", () => {
    const outcome = (result: ReturnType<typeof scan>) => (result !== null && "rule" in result ? result.rule : result);
    fc.assert(
      fc.property(fc.oneof(soup, clean), cuts, fc.integer({ min: 1, max: 60 }), (text, places, maxHeadBytes) => {
        const input = bytes(text);
        const expected = naive(text, maxHeadBytes);
        expect(outcome(scanInPieces(input, [], { maxHeadBytes }))).toEqual(expected);
        expect(outcome(scanInPieces(input, places, { maxHeadBytes }))).toEqual(expected);
        expect(outcome(scanInPieces(input, oneByOne(input), { maxHeadBytes }))).toEqual(expected);
      }),
      { numRuns: runs(10) },
    );
  });

  test("is found whole, and all bytes behind it are kept: a real request, cut at every single place", () => {
    const input = bytes(`${requestText()}\r\n\r\nframes\r\n\r\n`);
    for (let cut = 0; cut <= input.length; cut++) {
      expect(scanInPieces(input, [cut])).toEqual({ text: requestText(), rest: "frames\r\n\r\n" });
    }
  });

  test("never makes the scanner throw: random bytes", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (chunks) => {
        const scanner = new HeadScanner({ maxHeadBytes: 64 });
        for (const chunk of chunks) expect(() => scanner.push(Buffer.from(chunk))).not.toThrow();
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("a fault has its rule and the line up to the bad byte:", () => {
  test.each([
    ["a NUL in the start line", "HTTP/1.1 101 a\0b", "startLineByte", "HTTP/1.1 101 a\0"],
    ["a DEL in a start line that follows an empty line", "\r\nGET /\x7f", "startLineByte", "GET /\x7f"],
    ["a control character as the very first byte", "\x01", "startLineByte", "\x01"],
    ["a NUL in a field value", "HTTP/1.1 101 a\r\nA: b\r\nC: d\0e", "fieldValueByte", "C: d\0"],
    ["a NUL in a folded field value", "HTTP/1.1 101 a\r\nA: b\r\n c\0e", "fieldValueByte", " c\0"],
    ["an ESC in a field name", "HTTP/1.1 101 a\r\nA: b\r\nC\x1b: d", "fieldNameByte", "C\x1b"],
    ["a control character instead of a field", "HTTP/1.1 101 a\r\n\x01", "fieldNameByte", "\x01"],
    ["an LF without its CR", "HTTP/1.1 101 a\nA: b", "lineEnd", "HTTP/1.1 101 a\n"],
    ["an LF after a complete line", "HTTP/1.1 101 a\r\n\n", "lineEnd", "\n"],
    ["an LF as the very first byte", "\n", "lineEnd", "\n"],
    ["a CR without its LF", "HTTP/1.1 101 a\r\nA: b\rc", "lineEnd", "A: b\rc"],
    ["a CR without its LF as the very first byte", "\rG", "lineEnd", "\rG"],
    ["a CR without its LF in the empty line", "HTTP/1.1 101 a\r\n\rb", "lineEnd", "\rb"],
    ["a CR after a CR", "HTTP/1.1 101 a\r\r", "lineEnd", "HTTP/1.1 101 a\r\r"],
  ])("%s", (_, text, rule, shown) => {
    expect(scan(text)).toEqual({ rule, text: shown });
    expect(scanInPieces(bytes(text), oneByOne(bytes(text)))).toEqual({ rule, text: shown });
  });

  test("a long line is shortened to its last 60 characters", () => {
    const fault = { rule: "startLineByte", text: `${"b".repeat(59)}\0` };
    expect(scan(`A: ${"b".repeat(500)}\0`)).toEqual(fault);
  });

  test("the scanner returns it again for every further chunk", () => {
    const scanner = new HeadScanner({});
    const fault = { rule: "startLineByte", text: "\0" };
    expect(scanner.push(bytes("\0"))).toEqual(fault);
    expect(scanner.push(bytes("A\r\n\r\n"))).toEqual(fault);
  });
});

describe("the bytes of a line", () => {
  test("are HTAB, SP, VCHAR and obs-text: of all 256 bytes only these are accepted (RFC 9110 section 5.5)", () => {
    for (let byte = 0; byte < 256; byte++) {
      if (byte === 0x0d) continue; // It begins the end of the line.
      const found = new HeadScanner({}).push(Buffer.from([0x41, byte]));
      const isValid = byte === 9 || (byte >= 0x20 && byte !== 0x7f);
      expect(found === null, `byte ${byte}`).toBe(isValid);
    }
  });

  test("are not checked behind the head", () => {
    expect(scan("A\r\n\r\n\0\n\r")).toEqual({ text: "A", rest: "\0\n\r" });
  });
});

describe("an empty line before the start line", () => {
  test("is skipped once (RFC 9112 section 2.2)", () => {
    expect(scan("\r\nA\r\n\r\n")).toEqual({ text: "A", rest: "" });
    expect(scanInPieces(bytes("\r\nA\r\n\r\n"), [1, 2, 3])).toEqual({ text: "A", rest: "" });
  });

  test("ends a head without a start line if it is the second one", () => {
    expect(scan("\r\n\r\nA")).toEqual({ text: "", rest: "A" });
    expect(scanInPieces(bytes("\r\n\r\nA"), [1, 2, 3])).toEqual({ text: "", rest: "A" });
  });
});

describe("maxHeadBytes", () => {
  const head = "GET / HTTP/1.1\r\nA: b\r\n\r\n";

  test("admits a head of exactly that length, and no byte more", () => {
    expect(scan(head, { maxHeadBytes: head.length })).toMatchObject({ rest: "" });
    expect(scan(head, { maxHeadBytes: head.length - 1 })).toEqual({ rule: "headSize", text: "" });
  });

  test("tells a start line that exceeds it from fields that do", () => {
    expect(scan("GET / HTTP/1.1\r\nA", { maxHeadBytes: 16 })).toEqual({ rule: "headSize", text: "" });
    expect(scan("GET / HTTP/1.1\r\nA", { maxHeadBytes: 15 })).toEqual({ rule: "startLineSize", text: "" });
    expect(scan("\r\nGET / HTTP/1.1\r\nA", { maxHeadBytes: 15 })).toEqual({ rule: "startLineSize", text: "" });
  });

  test("does not count what follows the head", () => {
    expect(scan(head + "x".repeat(1000), { maxHeadBytes: head.length })).toMatchObject({ rest: "x".repeat(1000) });
  });

  test("is enforced as soon as it is exceeded, not only when the head ends", () => {
    const scanner = new HeadScanner({ maxHeadBytes: 8 });
    expect(scanner.push(bytes("GET /abc"))).toBeNull();
    expect(scanner.push(bytes("d"))).toEqual({ rule: "startLineSize", text: "" });
  });

  test("is 16,384 bytes by default", () => {
    const fits = `${"a".repeat(16_380)}\r\n\r\n`;
    expect(scan(fits)).toMatchObject({ rest: "" });
    expect(scan(`a${fits}`)).toEqual({ rule: "headSize", text: "" });
  });

  test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("must not be %s", (maxHeadBytes) => {
    expect(() => new HeadScanner({ maxHeadBytes })).toThrow(RangeError);
  });
});

describe("memory", () => {
  test("the rest is a view of the chunk, not a copy", () => {
    const chunk = bytes("A\r\n\r\nrest");
    const { rest } = foundIn(new HeadScanner({}), chunk);
    expect(rest.buffer).toBe(chunk.buffer);
    expect(rest.byteOffset).toBe(chunk.byteOffset + 5);
  });

  test("chunks are copied, so that the caller may reuse its buffer", () => {
    const scanner = new HeadScanner({});
    const shared = bytes("AB");
    scanner.push(shared);
    shared.fill(0x43);
    expect(foundIn(scanner, bytes("\r\n\r\n")).text).toBe("AB");
  });

  test("a head of a megabyte that arrives byte by byte is read", () => {
    const input = bytes(`${"a".repeat(1 << 20)}\r\n\r\n`);
    expect(scanInPieces(input, oneByOne(input), { maxHeadBytes: 1 << 21 })).toMatchObject({ rest: "" });
  });

  test("empty chunks change nothing", () => {
    const scanner = new HeadScanner({});
    for (const chunk of ["", "A\r\n", ""]) expect(scanner.push(bytes(chunk))).toBeNull();
    expect(foundIn(scanner, bytes("\r\n")).text).toBe("A");
  });
});

test("after a head the scanner starts again, so that the response after an interim one is read", () => {
  const scanner = new HeadScanner({ maxHeadBytes: 40 });
  const first = foundIn(scanner, bytes("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 101 X\r\n\r\nframes"));
  expect(first.text).toBe("HTTP/1.1 100 Continue");
  expect(foundIn(scanner, first.rest)).toEqual({ text: "HTTP/1.1 101 X", rest: bytes("frames") });
});

test("a head that arrives byte by byte leaves the last chunk empty", () => {
  const scanner = new HeadScanner({});
  const results = byteByByte(bytes("A\r\n\r\n")).map((byte) => scanner.push(byte));
  expect(results.slice(0, -1)).toEqual([null, null, null, null]);
  expect(results.at(-1)).toEqual({ text: "A", rest: bytes("") });
});
