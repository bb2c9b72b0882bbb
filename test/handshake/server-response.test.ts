import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  checkResponse,
  formatAcceptance,
  formatRefusal,
  HeadReader,
  isRefusal,
  parseResponseHead,
} from "../../src/handshake/index.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/heads.ts";

/** Reads a response with the project's own reader: its head and the bytes behind it. */
function read(text: string) {
  const reading = new HeadReader().push(Buffer.from(text));
  if (reading === null || isRefusal(reading)) throw new Error("no head");
  const head = parseResponseHead(reading.head);
  if ("failure" in head) throw new Error(head.failure.message);
  return { ...head, body: reading.rest };
}

describe("formatAcceptance", () => {
  const parts = { key: SAMPLE_KEY, protocol: null, extensions: "" };

  test("RFC 6455 section 4.2.2, item 5: the smallest response, to the byte", () => {
    expect(formatAcceptance(parts)).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`,
    );
  });

  test("RFC 6455 section 4.2.2, item 5: subprotocol, extensions and further fields are in it", () => {
    const text = formatAcceptance({
      ...parts,
      protocol: "chat",
      extensions: "a; b=1",
      headers: { "Set-Cookie": ["a=1", "b=2"], "X-Y": "z" },
    });
    const { fields } = read(text);
    expect(fields.get("sec-websocket-protocol")).toBe("chat");
    expect(fields.get("sec-websocket-extensions")).toBe("a; b=1");
    expect(fields.all("set-cookie")).toEqual(["a=1", "b=2"]);
    expect(fields.get("x-y")).toBe("z");
  });

  test("RFC 6455 section 4.2.2: without agreement the fields MUST NOT be sent", () => {
    const { fields } = read(formatAcceptance(parts));
    expect(fields.get("sec-websocket-protocol")).toBeUndefined();
    expect(fields.get("sec-websocket-extensions")).toBeUndefined();
  });

  test("RFC 6455 sections 11.3.2 to 11.3.4: no field of the handshake stands more than once", () => {
    const { fields } = read(formatAcceptance({ ...parts, protocol: "chat", extensions: "a, b" }));
    const names = fields.raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  test("the client's check agrees with every response", () => {
    const name = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.option(name), fc.uniqueArray(name), (protocol, names) => {
        const text = formatAcceptance({ ...parts, protocol, extensions: names.join(", ") });
        const offer = { key: SAMPLE_KEY, protocols: ["a", "b", "c"], extensionNames: ["a", "b", "c"] };
        expect(checkResponse(read(text), offer)).toEqual({
          protocol: protocol ?? "",
          extensions: names.map((each) => ({ name: each, params: [] })),
        });
      }),
    );
  });

  test.each([
    "Upgrade",
    "connection",
    "Sec-WebSocket-Accept",
    "SEC-WEBSOCKET-PROTOCOL",
    "Content-Length",
    "Transfer-Encoding",
  ])("the field %s is the library's to set and throws", (name) => {
    expect(() => formatAcceptance({ ...parts, headers: { [name]: "x" } })).toThrow(TypeError);
    expect(() => formatAcceptance({ ...parts, headers: { [name]: "x" } })).toThrow(name);
  });

  test("RFC 9112 section 11.1: nothing that is given can split the response", () => {
    expect(() => formatAcceptance({ ...parts, headers: { A: "b\r\nC: d" } })).toThrow(TypeError);
    expect(() => formatAcceptance({ ...parts, headers: { "A\r\nB": "c" } })).toThrow(TypeError);
    expect(() => formatAcceptance({ ...parts, protocol: "a\r\nB: c" })).toThrow(TypeError);
    expect(() => formatAcceptance({ ...parts, protocol: "" })).toThrow(TypeError);
    expect(() => formatAcceptance({ ...parts, extensions: "a\r\nB: c" })).toThrow(TypeError);
  });
});

describe("formatRefusal", () => {
  test("it says in plain text what was wrong and where the rule stands", () => {
    expect(formatRefusal(Refusals.METHOD_NOT_GET)).toBe(
      "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 48\r\nAllow: GET\r\n\r\nthe method is not GET (RFC 6455 section 4.2.1).\n",
    );
  });

  test.each(Object.values(Refusals))("the row $code is a valid response of its length", (row) => {
    const { status, httpVersion, fields, body } = read(formatRefusal(row));
    expect({ status, httpVersion }).toEqual({ status: row.status, httpVersion: "1.1" });
    expect(fields.get("content-length")).toBe(String(body.length));
    expect(fields.toObject()).toMatchObject(
      Object.fromEntries(Object.entries(row.headers).map(([name, value]) => [name.toLowerCase(), value])),
    );
    expect(body.toString()).toBe(`${row.message} (${row.section}).\n`);
  });

  test("RFC 9110 section 7.8: with 426 Connection names Upgrade", () => {
    const { fields } = read(formatRefusal(Refusals.NOT_AN_UPGRADE));
    expect(fields.get("connection")).toBe("Upgrade, close");
    expect(fields.get("upgrade")).toBe("websocket");
    expect(read(formatRefusal(Refusals.HOST_MISSING)).fields.get("connection")).toBe("close");
  });

  test("RFC 6455 section 4.4: another version MUST be answered with Sec-WebSocket-Version", () => {
    const { fields } = read(formatRefusal(Refusals.WEBSOCKET_VERSION_UNSUPPORTED));
    expect(fields.get("sec-websocket-version")).toBe("13");
  });

  test("the length counts bytes of UTF-8, not characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (message) => {
        const { fields, body } = read(formatRefusal({ status: 403, message, headers: {} }));
        expect(fields.get("content-length")).toBe(String(body.length));
        expect(body.toString().startsWith(message)).toBe(true);
      }),
    );
  });

  test("a full stop is not doubled, and a section not named twice", () => {
    expect(read(formatRefusal({ status: 403, message: "Go away.", headers: {} })).body.toString()).toBe("Go away.\n");
    const error = new RefusalError(Refusals.NOT_AUTHENTICATED, "no token");
    expect(read(formatRefusal(error)).body.toString()).toBe(`${error.message}.\n`);
  });

  test("a status without a usual phrase keeps the space, which RFC 9112 section 4 has a server send (MUST)", () => {
    expect(formatRefusal({ status: 599, message: "x", headers: {} })).toMatch(/^HTTP\/1\.1 599 \r\n/);
  });

  test.each(["Connection", "content-length", "Transfer-Encoding", "Content-Type"])("the field %s throws", (name) => {
    expect(() => formatRefusal({ status: 403, message: "x", headers: { [name]: "x" } })).toThrow(name);
  });

  test("RFC 9112 section 11.1: an application's fields cannot split the response", () => {
    expect(() => formatRefusal({ status: 302, message: "x", headers: { Location: "/a\r\nB: c" } })).toThrow(/Location/);
    expect(read(formatRefusal({ status: 302, message: "x", headers: { Location: "/a" } })).status).toBe(302);
  });

  test("a message cannot split it either, since it stands in the body", () => {
    const { fields, body } = read(formatRefusal({ status: 403, message: "a\r\nB: c\r\n\r\nd", headers: {} }));
    expect(fields.get("b")).toBeUndefined();
    expect(fields.get("content-length")).toBe(String(body.length));
  });

  test.each([101, 100, 200, 204, 299, 304, 600, 400.5, Number.NaN])(
    "the status %s is no refusal's and throws",
    (status) => {
      expect(() => formatRefusal({ status, message: "x", headers: {} })).toThrow(RangeError);
    },
  );
});
