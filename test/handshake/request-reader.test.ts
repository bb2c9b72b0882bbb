import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { parseRequestHead, RequestReader } from "../../src/handshake/request-reader.ts";
import { judgeRequest } from "../../src/handshake/server-decision.ts";
import { argumentError } from "../support/argument-error.ts";
import { byteByByte, cutAt } from "../support/frames.ts";
import { requestText } from "../support/heads.ts";
import { runs } from "../support/runs.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const REQUEST = `${requestText()}\r\n\r\n`;

/** What the pieces come to; `rest` is everything behind the head, in the pieces that follow too. */
function read(pieces: readonly Buffer[], limits = {}) {
  const reader = new RequestReader(limits);
  for (const [index, piece] of pieces.entries()) {
    const reading = reader.push(piece);
    if (reading === null) continue;
    if (isRefusal(reading)) return reading;
    return { head: reading.head, rest: Buffer.concat([reading.rest, ...pieces.slice(index + 1)]).toString("latin1") };
  }
  return null;
}

describe("RequestReader", () => {
  test("reads a request and hands over what follows it", () => {
    expect(read([bytes(`${REQUEST}frames`)])).toMatchObject({
      head: { method: "GET", target: "/chat", httpVersion: "1.1" },
      rest: "frames",
    });
  });

  test("waits until the head is complete", () => {
    expect(read([bytes(REQUEST.slice(0, -1))])).toBeNull();
  });

  test("reads the same request however its bytes are split into chunks", () => {
    const input = bytes(`${REQUEST}frames`);
    expect(read(byteByByte(input))).toMatchObject({ head: { target: "/chat" }, rest: "frames" });
    fc.assert(
      fc.property(fc.array(fc.nat(input.length), { maxLength: 12 }), (places) => {
        expect(read(cutAt(input, places))).toMatchObject({ head: { target: "/chat" }, rest: "frames" });
      }),
      { numRuns: runs(2) },
    );
  });

  test("takes a Uint8Array too", () => {
    expect(new RequestReader().push(new Uint8Array(bytes(REQUEST)))).toMatchObject({ head: { target: "/chat" } });
  });

  test("throws for a chunk that is a string", () => {
    expect(() => new RequestReader().push(REQUEST as unknown as Buffer)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^chunk must be a Buffer or a Uint8Array, not "GET/),
    );
  });

  test.each([
    ["found by its bytes", "GET / HTTP/1.1\r\nA: b\0", Refusals.FIELD_VALUE_BAD_BYTE],
    ["found in the whole head", "GET / HTTP/1.1\r\nA\r\n\r\n", Refusals.FIELD_WITHOUT_COLON],
  ])("returns a refusal for every further chunk: one %s", (_, text, refusal) => {
    const reader = new RequestReader();
    expect(reader.push(bytes(text))).toBe(refusal);
    expect(reader.push(bytes(REQUEST))).toBe(refusal);
  });

  test("refuses a head that exceeds maxHeadBytes or maxHeaders", () => {
    expect(read([bytes(REQUEST)], { maxHeadBytes: REQUEST.length })).toMatchObject({ rest: "" });
    expect(read([bytes(REQUEST)], { maxHeadBytes: REQUEST.length - 1 })).toBe(Refusals.HEAD_TOO_LARGE);
    expect(read([bytes(REQUEST)], { maxHeaders: 5 })).toMatchObject({ rest: "" });
    expect(read([bytes(REQUEST)], { maxHeaders: 4 })).toBe(Refusals.HEAD_TOO_MANY_FIELDS);
  });

  test("refuses a request line that exceeds maxHeadBytes with 414: RFC 9112 section 3 (MUST)", () => {
    const refusal = read([bytes(`GET /${"a".repeat(100)}`)], { maxHeadBytes: 64 });
    expect(refusal).toBe(Refusals.REQUEST_LINE_TOO_LONG);
    expect(refusal).toMatchObject({ status: 414, section: "RFC 9112 section 3" });
  });

  test.each(["maxHeadBytes", "maxHeaders"])("throws for a %s that would be no limit", (name) => {
    for (const limit of [0, -1, Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      expect(() => new RequestReader({ [name]: limit })).toThrow(
        argumentError(RangeError, "OPTION_INVALID", /must be/),
      );
    }
  });

  test("random bytes give a request, a refusal or null, and never an exception", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }), (chunks) => {
        const reader = new RequestReader({ maxHeadBytes: 64 });
        for (const chunk of chunks) {
          const reading = reader.push(chunk);
          expect(reading === null || isRefusal(reading) || "head" in reading).toBe(true);
        }
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("parseRequestHead", () => {
  test("returns the head of a request", () => {
    expect(parseRequestHead(requestText())).toMatchObject({ method: "GET", target: "/chat" });
  });

  test.each([
    ["GET /", Refusals.REQUEST_LINE_INVALID],
    ["GET / HTTP/1.1\r\n A: b", Refusals.SPACE_BEFORE_FIELDS],
    ["GET / HTTP/1.1\r\nA: b\r\n c", Refusals.FIELD_FOLDED],
    ["GET / HTTP/1.1\r\nA : b", Refusals.FIELD_SPACE_BEFORE_COLON],
  ])("returns a refusal for %j", (text, refusal) => {
    expect(parseRequestHead(text)).toBe(refusal);
  });

  test("obeys maxHeaders", () => {
    expect(parseRequestHead("GET / HTTP/1.1\r\nA: b\r\nC: d", { maxHeaders: 1 })).toBe(Refusals.HEAD_TOO_MANY_FIELDS);
  });

  test("whatever it accepts can be judged", () => {
    const piece = fc.constantFrom(
      ...["GET ", "/", " HTTP/1.1", "\r\n", "Host: a", "Upgrade: websocket", ":", " ", "\xff", "Connection: upgrade"],
    );
    const soup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
        const head = parseRequestHead(text);
        if (!isRefusal(head)) expect(isRefusal(judgeRequest(head, {}))).toBe(true);
      }),
      { numRuns: runs(5) },
    );
  });

  test.each(["1.0", "2.0", "0.9", "1.2"])("accepts HTTP/%s, which judgeRequest() refuses with 400", (version) => {
    const head = parseRequestHead(requestText({}, `GET / HTTP/${version}`));
    if (isRefusal(head)) throw new Error("expected a head");
    expect(judgeRequest(head, {})).toMatchObject({ status: 400, code: "VERSION_UNSUPPORTED" });
  });
});
