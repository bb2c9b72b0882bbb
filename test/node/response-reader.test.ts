import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ResponseFailure } from "../../src/handshake/connect-failures.ts";
import { ResponseReader, type ResponseReading } from "../../src/node/response-reader.ts";
import { byteByByte, cutAt } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";

/** What the pieces come to, and what was behind the head, with the pieces that came later. */
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

/** Why the text is not accepted: the same whether it comes at once or byte by byte. */
function failure(text: string, limits = {}) {
  const result = whole(text, limits);
  if (result === null || !("failure" in result)) throw new Error("it was accepted");
  const slow = read(byteByByte(Buffer.from(text, "latin1")), limits);
  expect(slow).toHaveProperty("failure", result.failure);
  return { ...result.failure, detail: result.detail };
}

describe("ResponseReader", () => {
  it("a ResponseReader reads a head and hands over what follows it", () => {
    const result = whole(`${SWITCHING}\x81\x02hi`);
    expect(result).toMatchObject({
      reading: { head: { status: 101, reason: "Switching Protocols" } },
      rest: "\x81\x02hi",
    });
  });

  it("a ResponseReader waits while the head is not whole", () => {
    expect(whole(SWITCHING.slice(0, -1))).toBeNull();
  });

  it("a ResponseReader takes a final status other than 101 for the answer", () => {
    expect(whole("HTTP/1.1 403 Forbidden\r\n\r\nbody")).toMatchObject({
      reading: { head: { status: 403 } },
      rest: "body",
    });
  });

  it.each([100, 102, 103, 199])("a ResponseReader skips the interim response %i", (status) => {
    expect(whole(`HTTP/1.1 ${status} Interim\r\nX: y\r\n\r\n${SWITCHING}rest`)).toMatchObject({
      reading: { head: { status: 101 } },
      rest: "rest",
    });
  });

  it("a ResponseReader skips sixteen interim responses and no more", () => {
    expect(whole(HINTS.repeat(16) + SWITCHING)).toMatchObject({ reading: { head: { status: 101 } } });
    expect(failure(HINTS.repeat(17))).toMatchObject({
      code: "RESPONSE_TOO_LARGE",
      section: "RFC 6455 section 10.4",
      detail: "more than 16",
    });
  });

  it.each([0, 42, 99])(
    "a ResponseReader takes the invalid status %i for a final one (RFC 9110 section 15)",
    (status) => {
      const text = `HTTP/1.1 ${String(status).padStart(3, "0")} Odd\r\n\r\n`;
      expect(whole(text)).toMatchObject({ reading: { head: { status } } });
    },
  );

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n", "4", /^it begins with "SSH-2\.0-OpenSSH_9\.2\\r\\n"/],
    ["another protocol behind an interim response", `${HINTS}220 mail`, "4", /^it begins with "220 mail"/],
    ["an empty line before the status line", `\r\n${SWITCHING}`, "4", /^it begins with "\\r\\nHTTP/],
    ["an invalid status line", "HTTP/1.1 hello\r\n\r\n", "4", /^"HTTP\/1\.1 hello"$/],
    ["a NUL in the status line", "HTTP/1.1 101 Switching\0", "4", /^"HTTP\/1\.1 101 Switching\\x00"$/],
    ["a line feed alone", "HTTP/1.1 101 Switching Protocols\n", "2.2", /Protocols\\n"$/],
    ["a carriage return alone", "HTTP/1.1 101 Switching Protocols\r\nA: b\rc", "2.2", /^"A: b\\rc"$/],
    ["white space before the first field", "HTTP/1.1 101 A\r\n B: c\r\n\r\n", "2.2", /^" B: c"$/],
    ["a NUL in a field", "HTTP/1.1 101 A\r\nB: c\0", "5", /^"B: c\\x00"$/],
    ["a field without a colon", "HTTP/1.1 101 A\r\nUpgrade\r\n\r\n", "5", /^"Upgrade"$/],
    ["a field name that is not a token", "HTTP/1.1 101 A\r\n[B]: c\r\n\r\n", "5", /^"\[B\]: c"$/],
    ["a space before a colon", "HTTP/1.1 101 A\r\nB : c\r\n\r\n", "5.1", /^"B : c"$/],
  ])("a ResponseReader refuses %s with its section of RFC 9112 and the bytes", (_, text, section, detail) => {
    expect(failure(text)).toMatchObject({ code: "RESPONSE_MALFORMED", section: `RFC 9112 section ${section}` });
    expect(failure(text).detail).toMatch(detail);
  });

  it("a ResponseReader refuses a head that is longer than maxHeadBytes as soon as it is known", () => {
    const error = failure(`HTTP/1.1 101 Switching Protocols\r\nX: ${"y".repeat(100)}`, { maxHeadBytes: 64 });
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 6455 section 10.4" });
    expect(error.message).toContain("maxHeadBytes");
  });

  it("a ResponseReader refuses more fields than maxHeaders", () => {
    const error = failure(SWITCHING, { maxHeaders: 1 });
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 6455 section 10.4" });
    expect(error.message).toContain("more header fields than maxHeaders");
  });

  it.each(["maxHeadBytes", "maxHeaders"])("a ResponseReader takes no %s that would be no limit", (name) => {
    for (const limit of [0, -1, Number.NaN, 1.5]) {
      expect(() => new ResponseReader({ [name]: limit })).toThrow(new RegExp(`^${name} must be`));
    }
  });

  it("a ResponseReader reads the same in single bytes", () => {
    const pieces = byteByByte(Buffer.from(`${HINTS}${SWITCHING}rest`, "latin1"));
    expect(read(pieces)).toMatchObject({ reading: { head: { status: 101 } }, rest: "rest" });
  });

  it("a ResponseReader reads the same however the bytes are cut", () => {
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
