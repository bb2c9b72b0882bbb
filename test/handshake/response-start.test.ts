import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResponseStart } from "../../src/handshake/response-start.ts";
import { runs } from "../support/runs.ts";

const EXPECTED = "HTTP/1.";
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("the first bytes of a response", () => {
  test.each(["", "H", "HTTP/", "HTTP/1.", "HTTP/1.1 101 Switching Protocols", "HTTP/1.garbage"])(
    "may be %j",
    (text) => {
      expect(new ResponseStart().push(bytes(text))).toBeNull();
    },
  );

  test.each([
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", String.raw`it begins with "SSH-2.0-OpenSSH_9.2\r\n" (SSH)`],
    ["an SMTP greeting", "220 mail ESMTP\r\n", String.raw`it begins with "220 mail ESMTP\r\n"`],
    ["HTTP/0.9", "<html>", 'it begins with "<html>"'],
    [
      "a TLS alert",
      "\x15\x03\x03\0\x02\x02\x46",
      String.raw`it begins with "\x15\x03\x03\x00\x02\x02F" (TLS: use a wss: URL)`,
    ],
    ["HTTP/2", "\0\0\x12\x04\0\0\0\0\0", String.raw`it begins with "\x00\x00\x12\x04\x00\x00\x00\x00\x00" (HTTP/2)`],
    ["HTTP/2 in a status line", "HTTP/2 101", 'it begins with "HTTP/2 101"'],
    ["lower case", "http/1.1 101", 'it begins with "http/1.1 101"'],
    [
      "an empty line, which RFC 9112 section 2.2 has only servers skip",
      "\r\nHTTP/1.1",
      String.raw`it begins with "\r\nHTTP/1.1"`,
    ],
  ])("may not be %s", (_, text, description) => {
    expect(new ResponseStart().push(bytes(text))).toBe(description);
  });

  test("are described together with those of earlier chunks", () => {
    const start = new ResponseStart();
    expect(start.push(bytes("HT"))).toBeNull();
    expect(start.push(bytes("TP"))).toBeNull();
    expect(start.push(bytes("S"))).toBe('it begins with "HTTPS"');
  });

  test("are judged at the first byte that cannot begin HTTP/1., however they are cut", () => {
    const start = fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 12 }).map((array) => Buffer.from(array).toString("latin1")),
      fc
        .tuple(fc.nat(EXPECTED.length), fc.string({ maxLength: 4 }))
        .map(([length, text]) => EXPECTED.slice(0, length) + text),
    );
    fc.assert(
      fc.property(start, fc.array(fc.nat(12)), (text, cuts) => {
        const places = [0, ...cuts.filter((cut) => cut < text.length).sort((a, b) => a - b), text.length];
        const reader = new ResponseStart();
        let seen = "";
        for (const [index, from] of places.slice(0, -1).entries()) {
          const piece = text.slice(from, places[index + 1]);
          seen += piece;
          const description = reader.push(Buffer.from(piece, "latin1"));
          const isPossible = EXPECTED.startsWith(seen) || seen.startsWith(EXPECTED);
          expect(description === null, JSON.stringify(seen)).toBe(isPossible);
          if (description !== null) return;
        }
      }),
      { numRuns: runs(10) },
    );
  });
});
