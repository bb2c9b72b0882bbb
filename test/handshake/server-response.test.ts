import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkResponse } from "../../src/handshake/client-check.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { ResponseReader } from "../../src/handshake/response-reader.ts";
import { formatAcceptance, formatRefusal } from "../../src/handshake/server-response.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/heads.ts";

/** Reads a response with the library's own reader: its head and the bytes behind it. */
function read(text: string) {
  const reading = new ResponseReader().push(Buffer.from(text));
  if (reading === null || "failure" in reading) throw new Error("expected a head");
  return { ...reading.head, body: reading.rest };
}

describe("formatAcceptance", () => {
  const parts = { key: SAMPLE_KEY, protocol: null, extensions: "" };

  test("RFC 6455 section 4.2.2, item 5: the smallest response, to the byte", () => {
    expect(formatAcceptance(parts)).toBe(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${SAMPLE_ACCEPT}\r\n\r\n`,
    );
  });

  test("RFC 6455 section 4.2.2, item 5: the response has the subprotocol, the extensions and further fields", () => {
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

  test("RFC 6455 section 4.2.2: fields for a subprotocol and extensions MUST NOT be sent if none was agreed", () => {
    const { fields } = read(formatAcceptance(parts));
    expect(fields.get("sec-websocket-protocol")).toBeUndefined();
    expect(fields.get("sec-websocket-extensions")).toBeUndefined();
  });

  test("RFC 6455 sections 11.3.2 to 11.3.4: no field of the handshake occurs more than once", () => {
    const { fields } = read(formatAcceptance({ ...parts, protocol: "chat", extensions: "a, b" }));
    const names = fields.raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  test("checkResponse() accepts every response", () => {
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
  ])("the field %s throws, because only the library sets it", (name) => {
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
  test("says in plain text what was wrong and which rule was broken", () => {
    expect(formatRefusal(Refusals.METHOD_NOT_GET)).toBe(
      "HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 48\r\nAllow: GET\r\n\r\nthe method is not GET (RFC 6455 section 4.2.1).\n",
    );
  });

  test.each(Object.values(Refusals))("makes a valid response with the right length: $code, $section", (row) => {
    const { status, httpVersion, fields, body } = read(formatRefusal(row));
    expect({ status, httpVersion }).toEqual({ status: row.status, httpVersion: "1.1" });
    expect(fields.get("content-length")).toBe(String(body.length));
    expect(fields.toObject()).toMatchObject(
      Object.fromEntries(Object.entries(row.headers).map(([name, value]) => [name.toLowerCase(), value])),
    );
    expect(body.toString()).toBe(`${row.message} (${row.section}).\n`);
  });

  test("sends Upgrade in Connection with the status 426: RFC 9110 section 7.8", () => {
    const { fields } = read(formatRefusal(Refusals.NOT_AN_UPGRADE));
    expect(fields.get("connection")).toBe("Upgrade, close");
    expect(fields.get("upgrade")).toBe("websocket");
    expect(read(formatRefusal(Refusals.HOST_MISSING)).fields.get("connection")).toBe("close");
  });

  test("sends Sec-WebSocket-Version to a client with another version: RFC 6455 section 4.4 (MUST)", () => {
    const { fields } = read(formatRefusal(Refusals.WEBSOCKET_VERSION_UNSUPPORTED));
    expect(fields.get("sec-websocket-version")).toBe("13");
  });

  test("counts the length in bytes of UTF-8, not in characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (message) => {
        const { fields, body } = read(formatRefusal({ status: 403, message, headers: {} }));
        expect(fields.get("content-length")).toBe(String(body.length));
        expect(body.toString().startsWith(message)).toBe(true);
      }),
    );
  });

  test("adds neither a second full stop nor a second section", () => {
    expect(read(formatRefusal({ status: 403, message: "Go away.", headers: {} })).body.toString()).toBe("Go away.\n");
    const error = new RefusalError(Refusals.NOT_AUTHENTICATED, "no token");
    expect(read(formatRefusal(error)).body.toString()).toBe(`${error.message}.\n`);
  });

  test("sends the space after a status without a usual phrase: RFC 9112 section 4 (MUST)", () => {
    expect(formatRefusal({ status: 599, message: "x", headers: {} })).toMatch(/^HTTP\/1\.1 599 \r\n/);
  });

  test.each(["Connection", "content-length", "Transfer-Encoding", "Content-Type"])(
    "throws for the field %s, because only the library sets it",
    (name) => {
      expect(() => formatRefusal({ status: 403, message: "x", headers: { [name]: "x" } })).toThrow(name);
    },
  );

  test("does not let the fields of an application split the response: RFC 9112 section 11.1", () => {
    expect(() => formatRefusal({ status: 302, message: "x", headers: { Location: "/a\r\nB: c" } })).toThrow(/Location/);
    expect(read(formatRefusal({ status: 302, message: "x", headers: { Location: "/a" } })).status).toBe(302);
  });

  test("needs no header fields", () => {
    expect(formatRefusal({ status: 403, message: "x" })).toBe(
      formatRefusal({ status: 403, message: "x", headers: {} }),
    );
  });

  test("does not let a message split the response, because it is part of the body", () => {
    const { fields, body } = read(formatRefusal({ status: 403, message: "a\r\nB: c\r\n\r\nd", headers: {} }));
    expect(fields.get("b")).toBeUndefined();
    expect(fields.get("content-length")).toBe(String(body.length));
  });

  test.each([101, 100, 200, 204, 299, 304, 600, 400.5, Number.NaN])(
    "throws for the status %s, which no refusal can have",
    (status) => {
      expect(() => formatRefusal({ status, message: "x", headers: {} })).toThrow(RangeError);
    },
  );
});
