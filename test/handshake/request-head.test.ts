import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal, judgeRequest, parseRequestHead } from "../../src/handshake/index.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { requestText } from "../support/heads.ts";
import { runs } from "../support/runs.ts";

function statusOf(line: string): number | null {
  const head = parseRequestHead(requestText({}, line));
  const verdict = isRefusal(head) ? head : judgeRequest(head, {});
  return isRefusal(verdict) ? verdict.status : null;
}

test("a head is parsed into its method, target, version and fields", () => {
  const head = parseRequestHead("GET /chat?x HTTP/1.1\r\nHost: a\r\nB:c");
  expect(head).toMatchObject({ method: "GET", target: "/chat?x", httpVersion: "1.1" });
  expect(isRefusal(head) ? null : head.fields.raw).toEqual(["Host", "a", "B", "c"]);
});

test("a head without fields is well-formed", () => {
  const head = parseRequestHead("GET / HTTP/1.0");
  expect(isRefusal(head) ? null : head.fields.count).toBe(0);
});

describe("request lines", () => {
  test.each([
    "",
    " ",
    "GET",
    "GET /",
    "GET / ",
    "GET  / HTTP/1.1",
    "GET /  HTTP/1.1",
    " GET / HTTP/1.1",
    "GET / HTTP/1.1 ",
    "GET / HTTP/1.1 x",
    "GET /a b HTTP/1.1",
    "GET\t/\tHTTP/1.1",
    "GET / HTTP/1.1x",
    "GET / HTTP/11",
    "GET / http/1.1",
    "GET / HTTPS/1.1",
    "G(T / HTTP/1.1",
    ": / HTTP/1.1",
    "HTTP/1.1 101 Switching Protocols",
  ])("RFC 9112 section 3: %j is refused with 400", (line) => {
    expect(parseRequestHead(requestText({}, line))).toBe(Refusals.REQUEST_LINE_INVALID);
    expect(statusOf(line)).toBe(400);
  });

  test.each(["GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2"])(
    "RFC 6455 section 4.2.1: %j comes out as 400",
    (line) => {
      expect(statusOf(line)).toBe(400);
    },
  );

  test("their neighbour is accepted", () => {
    expect(statusOf("GET / HTTP/1.1")).toBeNull();
  });
});

describe("fields", () => {
  test("RFC 9112 section 5.2: a folded line is refused", () => {
    expect(parseRequestHead("GET / HTTP/1.1\r\nA: b\r\n c")).toBe(Refusals.FIELD_FOLDED);
    expect(parseRequestHead("GET / HTTP/1.1\r\n A: b")).toBe(Refusals.FIELD_FOLDED);
  });

  test("100 fields are read unless told, 101 are refused", () => {
    const head = (count: number) => `GET / HTTP/1.1${"\r\nA: b".repeat(count)}`;
    expect(isRefusal(parseRequestHead(head(100)))).toBe(false);
    expect(parseRequestHead(head(101))).toBe(Refusals.HEAD_TOO_MANY_FIELDS);
    expect(parseRequestHead(head(3), { maxHeaders: 2 })).toBe(Refusals.HEAD_TOO_MANY_FIELDS);
  });

  test("what is refused in a field line is refused in a head", () => {
    expect(parseRequestHead("GET / HTTP/1.1\r\nA : b")).toBe(Refusals.FIELD_SPACE_BEFORE_COLON);
    expect(parseRequestHead("GET / HTTP/1.1\r\nA")).toBe(Refusals.FIELD_NAME_INVALID);
  });
});

test("random heads never throw, neither when parsed nor when judged", () => {
  const piece = fc.constantFrom(
    "GET ",
    "/",
    " HTTP/1.1",
    "\r\n",
    "Host: a",
    "Upgrade: websocket",
    ":",
    " ",
    "\t",
    "\xff",
    "Connection: upgrade",
  );
  const soup = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.oneof(soup, fc.string({ unit: "binary" })), (text) => {
      const head = parseRequestHead(text);
      if (!isRefusal(head)) judgeRequest(head, {});
    }),
    { numRuns: runs(5) },
  );
});

test("100 KB of spaces, of line ends or of one line are judged", () => {
  expect(parseRequestHead(" ".repeat(100_000))).toBe(Refusals.REQUEST_LINE_INVALID);
  expect(parseRequestHead(`GET / HTTP/1.1${"\r\n".repeat(50_000)}`)).toBe(Refusals.FIELD_NAME_INVALID);
  expect(isRefusal(parseRequestHead(`GET / HTTP/1.1\r\nA:${" ".repeat(100_000)}`))).toBe(false);
});
