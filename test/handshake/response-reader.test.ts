import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectFailures, type ResponseFailure } from "../../src/handshake/connect-failures.ts";
import { parseResponseHead, ResponseReader, type ResponseReading } from "../../src/handshake/response-reader.ts";
import { argumentError } from "../support/argument-error.ts";
import { byteByByte, cutAt } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";

/** What the pieces come to; `rest` is everything behind the head, in the pieces that follow too. */
function read(
  pieces: readonly Buffer[],
  limits = {},
): { reading: ResponseReading; rest: string } | ResponseFailure | null {
  const reader = new ResponseReader(limits);
  for (const [index, piece] of pieces.entries()) {
    const reading = reader.push(piece);
    if (reading !== null) {
      if ("failure" in reading) return reading;
      return { reading, rest: Buffer.concat([reading.rest, ...pieces.slice(index + 1)]).toString("latin1") };
    }
  }
  return null;
}

function whole(text: string, limits = {}) {
  return read([Buffer.from(text, "latin1")], limits);
}

/** Why the text is not accepted: the same reason whether it arrives at once or byte by byte. */
function failure(text: string, limits = {}) {
  const result = whole(text, limits);
  if (result === null || !("failure" in result)) throw new Error("it was accepted");
  const slow = read(byteByByte(Buffer.from(text, "latin1")), limits);
  expect(slow).toHaveProperty("failure", result.failure);
  return { ...result.failure, detail: result.detail };
}

describe("ResponseReader", () => {
  it("reads a response and hands over what follows it", () => {
    const result = whole(`${SWITCHING}\x81\x02hi`);
    expect(result).toMatchObject({
      reading: { head: { status: 101, reason: "Switching Protocols" } },
      rest: "\x81\x02hi",
    });
  });

  it("waits until the head is complete", () => {
    expect(whole(SWITCHING.slice(0, -1))).toBeNull();
  });

  it("reads a final response with a status other than 101", () => {
    expect(whole("HTTP/1.1 403 Forbidden\r\n\r\nbody")).toMatchObject({
      reading: { head: { status: 403 } },
      rest: "body",
    });
  });

  it.each([100, 102, 103, 199])("skips the interim response %i", (status) => {
    expect(whole(`HTTP/1.1 ${status} Interim\r\nX: y\r\n\r\n${SWITCHING}rest`)).toMatchObject({
      reading: { head: { status: 101 } },
      rest: "rest",
    });
  });

  it("skips 16 interim responses and fails on the 17th", () => {
    expect(whole(HINTS.repeat(16) + SWITCHING)).toMatchObject({ reading: { head: { status: 101 } } });
    expect(failure(HINTS.repeat(17))).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      section: "RFC 9110 section 15.2",
      detail: "more than 16",
    });
  });

  it.each([0, 42, 99])("reads the invalid status %i as a final one (RFC 9110 section 15)", (status) => {
    const text = `HTTP/1.1 ${String(status).padStart(3, "0")} Odd\r\n\r\n`;
    expect(whole(text)).toMatchObject({ reading: { head: { status } } });
  });

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.2\r\n", String.raw`it begins with "SSH-2.0-OpenSSH_9.2\r\n" (SSH)`],
    ["SMTP after an interim response", `${HINTS}220 mail`, 'it begins with "220 mail"'],
    [
      "a TLS alert",
      "\x15\x03\x03\0\x02\x02\x46",
      String.raw`it begins with "\x15\x03\x03\x00\x02\x02F" (TLS: use a wss: URL)`,
    ],
    ["HTTP/2", "\0\0\x12\x04\0", String.raw`it begins with "\x00\x00\x12\x04\x00" (HTTP/2)`],
    ["an empty line", `\r\n${SWITCHING}`, String.raw`it begins with "\r\nHTTP/1.1 101 Switching`],
  ])("fails on a server that begins with something else, and quotes its first bytes: %s", (_, text, detail) => {
    const reading = whole(text);
    expect(reading).toMatchObject({ failure: { code: "RESPONSE_MALFORMED", section: "RFC 9112 section 4" } });
    expect(reading).toHaveProperty("detail", expect.stringContaining(detail));
    expect(failure(text)).toMatchObject({ code: "RESPONSE_MALFORMED", section: "RFC 9112 section 4" });
  });

  it.each([
    ["found by its bytes", "HTTP/1.1 101 A\r\nA: b\0", ConnectFailures.FIELD_VALUE_BAD_BYTE],
    ["found in the whole head", "HTTP/1.1 101 A\r\nA\r\n\r\n", ConnectFailures.FIELD_WITHOUT_COLON],
    ["found in the first bytes", "SSH-2.0", ConnectFailures.RESPONSE_NOT_HTTP],
  ])("returns a failure for every further chunk: one %s", (_, text, failure) => {
    const reader = new ResponseReader();
    const first = reader.push(Buffer.from(text, "latin1"));
    expect(first).toHaveProperty("failure", failure);
    expect(reader.push(Buffer.from(SWITCHING))).toBe(first);
  });

  it("fails on a head that exceeds maxHeadBytes as soon as that is known", () => {
    const fields = failure(`HTTP/1.1 101 A\r\nX: ${"y".repeat(100)}`, { maxHeadBytes: 64 });
    expect(fields).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 9110 section 5.4" });
    const line = failure(`HTTP/1.1 101 ${"y".repeat(100)}`, { maxHeadBytes: 64 });
    expect(line).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 9110 section 2.3" });
    for (const { message } of [fields, line]) expect(message).toContain("longer than maxHeadBytes");
  });

  it("fails on more fields than maxHeaders", () => {
    const error = failure(SWITCHING, { maxHeaders: 1 });
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 9110 section 5.4" });
    expect(error.message).toContain("more header fields than maxHeaders");
  });

  it.each(["maxHeadBytes", "maxHeaders"])("throws for a %s that would be no limit", (name) => {
    for (const limit of [0, -1, Number.NaN, 1.5]) {
      expect(() => new ResponseReader({ [name]: limit })).toThrow(
        argumentError(RangeError, "OPTION_INVALID", /must be/),
      );
    }
  });

  it("throws for a chunk that is a string", () => {
    expect(() => new ResponseReader().push(SWITCHING as unknown as Buffer)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^chunk must be a Buffer or a Uint8Array, not "HTTP/),
    );
  });

  it("reports whether a byte has arrived", () => {
    const reader = new ResponseReader();
    expect(reader.hasBegun).toBe(false);
    reader.push(Buffer.from("H"));
    expect(reader.hasBegun).toBe(true);
    reader.push(Buffer.from(HINTS.slice(1)));
    expect(reader.hasBegun).toBe(true);
  });

  it("reads the same response byte by byte", () => {
    const pieces = byteByByte(Buffer.from(`${HINTS}${SWITCHING}rest`, "latin1"));
    expect(read(pieces)).toMatchObject({ reading: { head: { status: 101 } }, rest: "rest" });
  });

  it("reads the same response however its bytes are split into chunks", () => {
    const bytes = Buffer.from(`${HINTS}${HINTS}${SWITCHING}\x82\x05frame`, "latin1");
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (places) => {
        const result = read(cutAt(bytes, places));
        expect(result).toMatchObject({ reading: { head: { status: 101 } }, rest: "\x82\x05frame" });
      }),
      { seed: 6455, numRuns: runs(2) },
    );
  });
});

describe("parseResponseHead", () => {
  it("returns the head of a response", () => {
    expect(parseResponseHead("HTTP/1.1 101 Switching Protocols\r\nA: b\r\n c")).toMatchObject({
      status: 101,
      reason: "Switching Protocols",
      fields: { raw: ["A", "b c"] },
    });
  });

  it.each([
    ["HTTP/1.1 hello", ConnectFailures.STATUS_LINE_INVALID, '"HTTP/1.1 hello"'],
    ["", ConnectFailures.STATUS_LINE_INVALID, '""'],
    ["HTTP/1.1 101 a\r\n A: b", ConnectFailures.SPACE_BEFORE_FIELDS, '" A: b"'],
    ["HTTP/1.1 101 a\r\nA : b", ConnectFailures.FIELD_SPACE_BEFORE_COLON, '"A : b"'],
  ])("returns a failure with the offending line for %j", (text, failure, detail) => {
    expect(parseResponseHead(text)).toEqual({ failure, detail });
  });

  it("obeys maxHeaders", () => {
    expect(parseResponseHead("HTTP/1.1 101 a\r\nA: b\r\nC: d", { maxHeaders: 1 })).toEqual({
      failure: ConnectFailures.RESPONSE_TOO_MANY_FIELDS,
      detail: "",
    });
  });
});
