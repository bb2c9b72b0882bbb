import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ResponseStart } from "../../src/http/response-start.ts";
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
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", "SSH"],
    ["an SMTP greeting", "220 mail ESMTP\r\n", null],
    ["HTTP/0.9", "<html>", null],
    ["a TLS alert", "\x15\x03\x03\0\x02\x02\x46", "TLS"],
    ["a TLS handshake message", "\x16\x03\x01\0\x02", "TLS"],
    ["an HTTP/2 SETTINGS frame", "\0\0\x12\x04\0\0\0\0\0", "HTTP/2"],
    ["HTTP/2 in a status line", "HTTP/2 101", null],
    ["HTTP/1.1 in lower case", "http/1.1 101", null],
    ["an empty line, which only servers skip (RFC 9112 section 2.2)", "\r\nHTTP/1.1", null],
  ])("must not be %s", (_, text, name) => {
    expect(new ResponseStart().push(bytes(text))).toEqual({ name, bytes: text });
  });

  test("are reported together with those of earlier chunks", () => {
    const start = new ResponseStart();
    expect(start.push(bytes("HT"))).toBeNull();
    expect(start.push(bytes("TP"))).toBeNull();
    expect(start.push(bytes("S"))).toEqual({ name: null, bytes: "HTTPS" });
  });

  test("are reported shortened", () => {
    expect(new ResponseStart().push(bytes("x".repeat(100_000)))?.bytes.length).toBeLessThan(300);
  });

  test("have begun with the first byte that matches", () => {
    const start = new ResponseStart();
    expect(start.hasBegun).toBe(false);
    start.push(bytes(""));
    expect(start.hasBegun).toBe(false);
    start.push(bytes("H"));
    expect(start.hasBegun).toBe(true);
  });

  test("are rejected at the first byte that cannot begin HTTP/1.x, however they are split into chunks", () => {
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
          const other = reader.push(Buffer.from(piece, "latin1"));
          const isPossible = EXPECTED.startsWith(seen) || seen.startsWith(EXPECTED);
          expect(other === null, JSON.stringify(seen)).toBe(isPossible);
          if (other !== null) return;
        }
      }),
      { numRuns: runs(10) },
    );
  });
});
