import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectError } from "../../src/errors.ts";
import { ResponseReader, type ResponseReading } from "../../src/node/response-reader.ts";
import { byteByByte, cutAt } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
const HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";

/** What the pieces come to, and what was behind the head, with the pieces that came later. */
function read(
  pieces: readonly Buffer[],
  limits = {},
): { reading: ResponseReading; rest: string } | ConnectError | null {
  const reader = new ResponseReader(limits);
  for (const [index, piece] of pieces.entries()) {
    const reading = reader.push(piece);
    if (reading instanceof ConnectError) return reading;
    if (reading !== null) {
      return { reading, rest: Buffer.concat([reading.rest, ...pieces.slice(index + 1)]).toString("latin1") };
    }
  }
  return null;
}

function whole(text: string, limits = {}) {
  return read([Buffer.from(text, "latin1")], limits);
}

function failure(text: string, limits = {}): ConnectError {
  const result = whole(text, limits);
  if (!(result instanceof ConnectError)) throw new Error("it was not refused");
  return result;
}

describe("ResponseReader", () => {
  it("reads a head and hands over what follows it", () => {
    const result = whole(`${SWITCHING}\x81\x02hi`);
    expect(result).toMatchObject({
      reading: { head: { status: 101, reason: "Switching Protocols" } },
      rest: "\x81\x02hi",
    });
  });

  it("waits while the head is not whole", () => {
    expect(whole(SWITCHING.slice(0, -1))).toBeNull();
  });

  it("takes a final status other than 101 for the answer", () => {
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

  it("skips sixteen interim responses and no more", () => {
    expect(whole(HINTS.repeat(16) + SWITCHING)).toMatchObject({ reading: { head: { status: 101 } } });
    const error = failure(HINTS.repeat(17));
    expect(error.code).toBe("RESPONSE_TOO_LARGE");
    expect(error.message).toContain("more than 16 interim responses");
  });

  it.each([
    ["a status line that is none", "HTTP/1.1 hello\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["a line feed alone", "HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\r\n\r\n"],
    ["a NUL", "HTTP/1.1 101 Switching\0Protocols\r\n\r\n"],
    ["a field without a colon", "HTTP/1.1 101 Switching Protocols\r\nUpgrade\r\n\r\n"],
  ])("refuses %s and says what is wrong", (_, text) => {
    const error = failure(text);
    expect(error.code).toBe("RESPONSE_MALFORMED");
    expect(error.message).toMatch(/: .+\(RFC 9112 section 4\)$/);
  });

  it("refuses a head that is longer than maxHeadBytes as soon as it is known", () => {
    const error = failure(`HTTP/1.1 101 Switching Protocols\r\nX: ${"y".repeat(100)}`, { maxHeadBytes: 64 });
    expect(error).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 6455 section 10.4" });
  });

  it("refuses more fields than maxHeaders", () => {
    const error = failure(SWITCHING, { maxHeaders: 1 });
    expect(error.code).toBe("RESPONSE_TOO_LARGE");
    expect(error.message).toContain("more header fields than the limit");
  });

  it.each(["maxHeadBytes", "maxHeaders"])("takes no %s that would be no limit", (name) => {
    for (const limit of [0, -1, Number.NaN, 1.5]) {
      expect(() => new ResponseReader({ [name]: limit })).toThrow(new RegExp(`^${name} must be`));
    }
  });

  it("reads the same in single bytes", () => {
    const pieces = byteByByte(Buffer.from(`${HINTS}${SWITCHING}rest`, "latin1"));
    expect(read(pieces)).toMatchObject({ reading: { head: { status: 101 } }, rest: "rest" });
  });

  it("reads the same however the bytes are cut", () => {
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
