import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatRequest, type RequestParts } from "../../src/handshake/client-request.ts";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { RequestReader } from "../../src/handshake/request-reader.ts";
import { judgeRequest } from "../../src/handshake/server-decision.ts";
import { parseWebSocketUrl } from "../../src/handshake/websocket-url.ts";
import { SAMPLE_KEY } from "../support/heads.ts";

function urlOf(text: string): URL {
  const url = parseWebSocketUrl(text);
  if (!(url instanceof URL)) throw new Error(url.message);
  return url;
}

const offer = (url: string, more: Partial<RequestParts> = {}): RequestParts => ({
  url: urlOf(url),
  key: SAMPLE_KEY,
  protocols: [],
  extensions: "",
  headers: {},
  ...more,
});

/** Reads a request with the library's own reader. */
function read(text: string) {
  const reading = new RequestReader().push(Buffer.from(text, "latin1"));
  if (reading === null || isRefusal(reading) || reading.rest.length > 0) throw new Error("expected one head");
  return reading.head;
}

const readOffer = (url: string, more: Partial<RequestParts> = {}) => read(formatRequest(offer(url, more)));

describe("formatRequest", () => {
  test("RFC 6455 section 4.1: the smallest request, to the byte", () => {
    expect(formatRequest(offer("ws://example.com/chat"))).toBe(
      `GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${SAMPLE_KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });

  test.each([
    ["ws://a", "/"],
    ["ws://a?", "/"],
    ["ws://a/?", "/"],
    ["ws://a?b", "/?b"],
    ["ws://a/b/c?d=e&f", "/b/c?d=e&f"],
    ["ws://a/b c?d e", "/b%20c?d%20e"],
    ["ws://a/\u00e9?\u00e9", "/%C3%A9?%C3%A9"],
    ["ws://a//b", "//b"],
  ])("RFC 6455 section 3: the resource name of %s is %s", (url, target) => {
    expect(readOffer(url).target).toBe(target);
  });

  test.each([
    ["ws://a:80", "a"],
    ["wss://a:443", "a"],
    ["ws://a:443", "a:443"],
    ["wss://a:80", "a:80"],
    ["ws://A.Example:8080", "a.example:8080"],
    ["ws://[::1]", "[::1]"],
    ["ws://[::1]:81", "[::1]:81"],
    ["ws://u:p@a:81", "a:81"],
    ["ws://b\u00fccher.example", "xn--bcher-kva.example"],
  ])("RFC 6455 section 4.1, item 4: the Host for %s is %s", (url, host) => {
    expect(readOffer(url).fields.all("host")).toEqual([host]);
  });

  test("RFC 6455 section 4.1: judgeRequest() accepts every request", () => {
    const name = fc.stringMatching(/^[a-z0-9.-]{1,8}$/);
    fc.assert(
      fc.property(
        fc.webUrl({ withQueryParameters: true }),
        fc.uniqueArray(name),
        fc.boolean(),
        (web, protocols, hasExtension) => {
          const url = web.replace(/^http/, "ws");
          const head = readOffer(url, {
            protocols,
            extensions: hasExtension ? "a; b" : "",
            headers: { Origin: "null" },
          });
          const verdict = judgeRequest(head, { origins: "*", protocols: (offered) => offered.at(-1) });
          expect(verdict).toEqual({
            key: SAMPLE_KEY,
            protocol: protocols.at(-1) ?? null,
            offers: hasExtension ? [{ name: "a", params: [{ name: "b", value: true }] }] : [],
          });
        },
      ),
    );
  });

  test("RFC 6455 section 4.1, item 10: subprotocols are sent in the order of preference", () => {
    expect(readOffer("ws://a", { protocols: ["b", "a"] }).fields.get("sec-websocket-protocol")).toBe("b, a");
    expect(readOffer("ws://a").fields.get("sec-websocket-protocol")).toBeUndefined();
  });

  test.each([[["a b"]], [[""]], [["a", "b,c"]], [["a\r\nB: c"]], [["\u00e9"]], [[5 as unknown as string]]])(
    "RFC 6455 section 4.1, item 10: %j has an item that is not a token, and throws an error that names it",
    (protocols) => {
      expect(() => formatRequest(offer("ws://a", { protocols }))).toThrow(TypeError);
      expect(() => formatRequest(offer("ws://a", { protocols }))).toThrow(JSON.stringify(protocols.at(-1)));
    },
  );

  test("RFC 6455 section 4.1, item 10: subprotocols MUST be unique, and a duplicate one throws", () => {
    expect(() => formatRequest(offer("ws://a", { protocols: ["a", "b", "a"] }))).toThrow(
      /^protocols has the duplicate subprotocol "a"$/,
    );
    expect(() => formatRequest(offer("ws://a", { protocols: ["a", "A"] }))).not.toThrow();
  });

  test("RFC 6455 section 4.1, item 7: a key that is not 16 bytes in base64 throws", () => {
    expect(() => formatRequest(offer("ws://a", { key: "x" }))).toThrow(TypeError);
  });
});

describe("further header fields", () => {
  test("are sent, each value on its own line", () => {
    const { fields } = readOffer("ws://a", { headers: { Cookie: "a=b", "X-Y": ["1", "2"], Origin: "http://a" } });
    expect(fields.get("cookie")).toBe("a=b");
    expect(fields.all("x-y")).toEqual(["1", "2"]);
    expect(fields.get("origin")).toBe("http://a");
  });

  test.each([
    "Upgrade",
    "CONNECTION",
    "Sec-WebSocket-Key",
    "sec-websocket-version",
    "Sec-WebSocket-Extensions",
    "Content-Length",
    "transfer-encoding",
  ])("throw if only the library sets them: %s", (name) => {
    expect(() => formatRequest(offer("ws://a", { headers: { [name]: "x" } }))).toThrow(TypeError);
    expect(() => formatRequest(offer("ws://a", { headers: { [name]: "x" } }))).toThrow(name);
  });

  test("cannot split the request: RFC 9112 section 11.1", () => {
    expect(() => formatRequest(offer("ws://a", { headers: { A: "b\r\nC: d" } }))).toThrow(/ A /);
    expect(() => formatRequest(offer("ws://a", { headers: { A: ["b", "c\n"] } }))).toThrow(/ A /);
    expect(() => formatRequest(offer("ws://a", { headers: { "A\n": "b" } }))).toThrow(TypeError);
    expect(() => formatRequest(offer("ws://a", { extensions: "a\r\nB: c" }))).toThrow(TypeError);
  });

  test("replace the Host of the URL, in any case, with one that comes first", () => {
    const { fields } = readOffer("ws://a", { headers: { X: "y", hOST: "b:81" } });
    expect(fields.all("host")).toEqual(["b:81"]);
    expect(fields.raw.slice(0, 2)).toEqual(["Host", "b:81"]);
  });

  test.each<RequestParts["headers"]>([
    { Host: "" },
    { Host: "a/b" },
    { Host: "a\r\nB: c" },
    { Host: [] },
    { Host: ["a", "b"] },
    { Host: "a", host: "a" },
    { Host: 5 as unknown as string },
  ])("throw unless they have exactly one valid Host: %j (RFC 9112 section 3.2)", (headers) => {
    expect(() => formatRequest(offer("ws://a", { headers }))).toThrow(TypeError);
    expect(() => formatRequest(offer("ws://a", { headers }))).toThrow(/Host/);
  });
});

describe("a user and a password in the URL", () => {
  const credentials = (url: string, headers = {}) => {
    const value = readOffer(url, { headers }).fields.get("authorization");
    return value?.startsWith("Basic ") === true ? Buffer.from(value.slice(6), "base64").toString() : value;
  };

  test.each([
    ["ws://a", undefined],
    ["ws://u:p@a", "u:p"],
    ["ws://u@a", "u:"],
    ["ws://:p@a", ":p"],
    ["ws://%75%C3%A9:p%40@a", "u\u00e9:p@"],
    ["ws://%zz:%@a", "%zz:%"],
  ])("are sent as Basic credentials (RFC 7617): those of %s are %j", (url, expected) => {
    expect(credentials(url)).toBe(expected);
  });

  test("RFC 7617: a percent-encoded byte is sent as that byte, also if it is not UTF-8", () => {
    const value = readOffer("ws://u%ff%:p%FE@a").fields.get("authorization") ?? "";
    expect([...Buffer.from(value.slice(6), "base64")]).toEqual([0x75, 0xff, 0x25, 0x3a, 0x70, 0xfe]);
  });

  test("are not sent if the application sets Authorization", () => {
    expect(credentials("ws://u:p@a", { authorization: "Bearer x" })).toBe("Bearer x");
  });

  test("are neither in Host nor in the target: RFC 9112 section 3.2", () => {
    expect(formatRequest(offer("ws://user:pass@a/b"))).not.toMatch(/user|pass/);
  });
});
