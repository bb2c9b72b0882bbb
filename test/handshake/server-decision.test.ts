import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { isKey } from "../../src/handshake/accept-key.ts";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { type Refusal, Refusals } from "../../src/handshake/refusals.ts";
import { judgeRequest } from "../../src/handshake/server-decision.ts";
import type { ServerPolicy } from "../../src/handshake/server-policy.ts";
import { HeaderFields } from "../../src/http/header-fields.ts";
import { type HeadChanges, request, SAMPLE_KEY } from "../support/heads.ts";

const judge = (changes: HeadChanges = {}, policy: ServerPolicy = {}, line?: string) =>
  judgeRequest(request(changes, line), policy);

const accepted = (changes: HeadChanges = {}, policy: ServerPolicy = {}, line?: string) => {
  const verdict = judge(changes, policy, line);
  if (isRefusal(verdict)) throw new Error(`refused: ${verdict.message}`);
  return verdict;
};

test("RFC 6455 section 1.3: the example request is accepted with all that it offers", () => {
  const verdict = judge(
    {
      Upgrade: "websocket",
      Origin: "http://example.com",
      "Sec-WebSocket-Protocol": "chat, superchat",
      "Sec-WebSocket-Extensions": "mux; max-channels=4, deflate-stream",
    },
    { origins: ["http://example.com"], protocols: ["superchat"], path: "/chat" },
  );
  expect(verdict).toEqual({
    key: SAMPLE_KEY,
    protocol: "superchat",
    offers: [
      { name: "mux", params: [{ name: "max-channels", value: "4" }] },
      { name: "deflate-stream", params: [] },
    ],
  });
});

test("the smallest request is accepted without subprotocol and extensions", () => {
  expect(judge()).toEqual({ key: SAMPLE_KEY, protocol: null, offers: [] });
});

test("RFC 6455 section 4.2.1: the order of the header fields is not important", () => {
  const names = ["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version"];
  const { fields } = request();
  fc.assert(
    fc.property(fc.shuffledSubarray(names, { minLength: names.length }), (order) => {
      const shuffled = HeaderFields.fromRaw(order.flatMap((name) => [name, fields.get(name) ?? ""]));
      expect(judgeRequest({ ...request(), fields: shuffled }, {})).toEqual(judge());
    }),
  );
});

test("RFC 6455 section 4.2.1, item 10: unknown header fields are ignored", () => {
  expect(judge({ Cookie: "a=b", "Sec-WebSocket-Accept": "x", "X-Y": ["1", "2"] })).toEqual(judge());
});

describe("the request line", () => {
  test.each(["GET /chat HTTP/1.0", "GET /chat HTTP/2.0", "GET /chat HTTP/1.2"])(
    "RFC 6455 section 4.2.1, item 1: %j is refused for its version",
    (line) => {
      expect(judge({}, {}, line)).toBe(Refusals.VERSION_UNSUPPORTED);
    },
  );

  test.each(["POST", "HEAD", "get", "OPTIONS", "CONNECT"])(
    "RFC 6455 section 4.2.1, item 1: the method %s is refused with 405 and Allow",
    (method) => {
      const verdict = judge({}, {}, `${method} /chat HTTP/1.1`);
      expect(verdict).toBe(Refusals.METHOD_NOT_GET);
      expect(verdict).toMatchObject({ status: 405, headers: { Allow: "GET" } });
    },
  );

  test.each(["*", "chat", "/a#b", "/\xe9", "ftp://a/", "http://u@a/", "server.example.com:80"])(
    "RFC 6455 section 4.2.1, item 1: the target %j is refused",
    (target) => {
      expect(judge({}, {}, `GET ${target} HTTP/1.1`)).toBe(Refusals.TARGET_INVALID);
    },
  );

  test.each(["/", "//", "/a?b", "http://server.example.com/chat", "https://a", "wss://a:1/?b"])(
    "RFC 6455 section 4.2.1, item 1: the target %j is accepted",
    (target) => {
      accepted({}, {}, `GET ${target} HTTP/1.1`);
    },
  );
});

describe("the fields", () => {
  /** The rule, fields that break it, the refusal, and the most similar fields that are valid. */
  const rules: [string, HeadChanges, Refusal, HeadChanges][] = [
    [
      "section 4.1: a body by its length",
      { "Content-Length": "1" },
      Refusals.BODY_UNEXPECTED,
      { "Content-Length": "0" },
    ],
    [
      "section 4.1: a length written in another way",
      { "Content-Length": "00" },
      Refusals.BODY_UNEXPECTED,
      { "Content-Length": "0" },
    ],
    ["section 4.1: an empty length", { "Content-Length": "" }, Refusals.BODY_UNEXPECTED, {}],
    [
      "section 4.1: two lengths",
      { "Content-Length": ["0", "0"] },
      Refusals.BODY_UNEXPECTED,
      { "Content-Length": ["0"] },
    ],
    [
      "section 4.1: two lengths on one line",
      { "Content-Length": "0, 0" },
      Refusals.BODY_UNEXPECTED,
      { "Content-Length": "0" },
    ],
    ["section 4.1: a body in chunks", { "Transfer-Encoding": "chunked" }, Refusals.BODY_UNEXPECTED, { TE: "trailers" }],
    ["section 4.1: any transfer coding", { "transfer-encoding": "" }, Refusals.BODY_UNEXPECTED, {}],
    ["section 4.2.1, item 2: no Host", { Host: null }, Refusals.HOST_MISSING, { Host: "a" }],
    ["section 4.2.1, item 2: two Hosts", { Host: ["a", "a"] }, Refusals.DUPLICATE_HOST, { Host: ["a"] }],
    ["section 4.2.1, item 2: an empty Host", { Host: "" }, Refusals.HOST_INVALID, { Host: "a" }],
    ["section 4.2.1, item 2: a Host with a path", { Host: "a/b" }, Refusals.HOST_INVALID, { Host: "a:1" }],
    ["section 4.2.1, item 3: no Upgrade", { Upgrade: null }, Refusals.NOT_AN_UPGRADE, { Upgrade: "WebSocket" }],
    [
      "section 4.2.1, item 3: another Upgrade",
      { Upgrade: "h2c" },
      Refusals.NOT_AN_UPGRADE,
      { Upgrade: "h2c, WEBSOCKET" },
    ],
    [
      "section 4.2.1, item 3: part of the name",
      { Upgrade: "websockets" },
      Refusals.NOT_AN_UPGRADE,
      { Upgrade: ["x", "websocket"] },
    ],
    [
      "section 4.2.1, item 4: no Connection",
      { Connection: null },
      Refusals.CONNECTION_NOT_UPGRADE,
      { Connection: "upgrade" },
    ],
    [
      "section 4.2.1, item 4: another Connection",
      { Connection: "keep-alive" },
      Refusals.CONNECTION_NOT_UPGRADE,
      { Connection: "keep-alive, Upgrade" },
    ],
    [
      "section 4.2.1, item 4: part of the token",
      { Connection: "upgrade x" },
      Refusals.CONNECTION_NOT_UPGRADE,
      { Connection: ["close", "UPGRADE\t"] },
    ],
    [
      "section 4.2.1, item 6: no version",
      { "Sec-WebSocket-Version": null },
      Refusals.WEBSOCKET_VERSION_UNSUPPORTED,
      {},
    ],
    ["section 4.2.1, item 6: version 8", { "Sec-WebSocket-Version": "8" }, Refusals.WEBSOCKET_VERSION_UNSUPPORTED, {}],
    [
      "section 4.3: a version with a zero",
      { "Sec-WebSocket-Version": "013" },
      Refusals.WEBSOCKET_VERSION_UNSUPPORTED,
      {},
    ],
    [
      "section 4.3: a list of versions",
      { "Sec-WebSocket-Version": "13, 8" },
      Refusals.WEBSOCKET_VERSION_UNSUPPORTED,
      {},
    ],
    [
      "section 11.3.5: two versions",
      { "Sec-WebSocket-Version": ["13", "13"] },
      Refusals.DUPLICATE_VERSION,
      { "Sec-WebSocket-Version": ["13"] },
    ],
    ["section 4.2.1, item 5: no key", { "Sec-WebSocket-Key": null }, Refusals.KEY_INVALID, {}],
    [
      "section 4.2.1, item 5: a key of 15 bytes",
      { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" },
      Refusals.KEY_INVALID,
      { "Sec-WebSocket-Key": `${"A".repeat(22)}==` },
    ],
    ["section 11.3.1: two keys", { "Sec-WebSocket-Key": [SAMPLE_KEY, SAMPLE_KEY] }, Refusals.DUPLICATE_KEY, {}],
    [
      "section 10.2: a foreign Origin",
      { Origin: "https://evil.example" },
      Refusals.ORIGIN_FORBIDDEN,
      { Origin: "https://server.example.com" },
    ],
    [
      "RFC 6454 section 7.3: two Origins",
      { Origin: ["https://server.example.com", "https://server.example.com"] },
      Refusals.DUPLICATE_ORIGIN,
      { Origin: ["https://server.example.com"] },
    ],
    [
      "section 4.1, item 10: an invalid subprotocol",
      { "Sec-WebSocket-Protocol": "a b" },
      Refusals.SUBPROTOCOLS_INVALID,
      { "Sec-WebSocket-Protocol": "a, b" },
    ],
    [
      "section 4.1, item 10: an empty list",
      { "Sec-WebSocket-Protocol": "" },
      Refusals.SUBPROTOCOLS_INVALID,
      { "Sec-WebSocket-Protocol": "a" },
    ],
    [
      "section 4.1, item 10: a duplicate subprotocol",
      { "Sec-WebSocket-Protocol": ["a", "a"] },
      Refusals.SUBPROTOCOLS_INVALID,
      { "Sec-WebSocket-Protocol": ["a", "b"] },
    ],
    [
      "section 9.1: a malformed extension",
      { "Sec-WebSocket-Extensions": "a;" },
      Refusals.EXTENSIONS_INVALID,
      { "Sec-WebSocket-Extensions": "a" },
    ],
    [
      "section 9.1: an empty extension list",
      { "Sec-WebSocket-Extensions": "" },
      Refusals.EXTENSIONS_INVALID,
      { "Sec-WebSocket-Extensions": ["a; b=1", "", "c"] },
    ],
    [
      "section 9.1: a quoted value over two lines",
      { "Sec-WebSocket-Extensions": ['a; b="c', 'd"'] },
      Refusals.EXTENSIONS_INVALID,
      { "Sec-WebSocket-Extensions": 'a; b="cd"' },
    ],
  ];

  test.each(rules)(
    "RFC 6455 %s is refused, and the most similar valid request is accepted",
    (_, broken, refusal, neighbour) => {
      expect(judge(broken)).toBe(refusal);
      accepted(neighbour);
    },
  );

  test.each(rules)("RFC 6455 %s: the refusal has an error status", (_, broken) => {
    const verdict = judge(broken);
    expect(isRefusal(verdict) && verdict.status >= 400).toBe(true);
  });

  test("RFC 6455 sections 4.2.2 and 4.4: another version MUST be answered with the supported versions", () => {
    expect(judge({ "Sec-WebSocket-Version": "8" })).toMatchObject({
      status: 426,
      headers: { "Sec-WebSocket-Version": "13" },
    });
  });

  test("a request that is not an upgrade is answered with the upgrade that is supported", () => {
    expect(judge({ Upgrade: null })).toMatchObject({
      status: 426,
      headers: { Upgrade: "websocket", "Sec-WebSocket-Version": "13" },
    });
  });

  test("RFC 9112 section 3.2: with an absolute-form target too, there must be exactly one valid Host", () => {
    const line = "GET http://server.example.com/ HTTP/1.1";
    expect(judge({ Host: null }, {}, line)).toBe(Refusals.HOST_MISSING);
    expect(judge({ Host: ["a", "b"] }, {}, line)).toBe(Refusals.DUPLICATE_HOST);
    expect(judge({ Host: "a b" }, {}, line)).toBe(Refusals.HOST_INVALID);
    accepted({ Host: "other.example" }, {}, line);
  });

  test("RFC 6455 section 9.1: extensions on several lines form one list, in order", () => {
    const { offers } = accepted({ "Sec-WebSocket-Extensions": ["foo", "bar; baz=2"] });
    expect(offers).toEqual(accepted({ "Sec-WebSocket-Extensions": "foo, bar; baz=2" }).offers);
    expect(offers.map(({ name }) => name)).toEqual(["foo", "bar"]);
  });
});

describe("the policy of a server", () => {
  test("RFC 6455 section 4.2.2: a path that is not served MUST be refused with 404", () => {
    expect(judge({}, { path: "/ws" })).toBe(Refusals.PATH_NOT_FOUND);
    accepted({}, { path: "/chat" });
    accepted({}, { path: "/chat" }, "GET /chat?token=x HTTP/1.1");
    accepted({}, { path: "/chat" }, "GET http://server.example.com/chat HTTP/1.1");
    expect(judge({}, { path: "/chat" }, "GET /chat/ HTTP/1.1")).toBe(Refusals.PATH_NOT_FOUND);
    expect(judge({}, { path: "/chat" }, "GET //chat HTTP/1.1")).toBe(Refusals.PATH_NOT_FOUND);
  });

  test("may have a path function, which receives the path without its query and serves it by returning true", () => {
    const path = vi.fn(() => true);
    accepted({}, { path }, "GET /a/b?c HTTP/1.1");
    expect(path).toHaveBeenCalledWith("/a/b");
    const truthy = (() => 1) as unknown as (path: string) => boolean;
    expect(judge({}, { path: truthy })).toBe(Refusals.PATH_NOT_FOUND);
  });

  test("has the defaults for parts that are undefined", () => {
    expect(judge({}, { path: undefined, origins: undefined, protocols: undefined })).toEqual(judge());
  });

  test("chooses a subprotocol only from those offered: RFC 6455 section 4.2.2", () => {
    const offer = { "Sec-WebSocket-Protocol": "a, b" };
    expect(accepted(offer, { protocols: ["b", "c"] }).protocol).toBe("b");
    expect(accepted(offer, { protocols: ["c"] }).protocol).toBeNull();
    expect(accepted({}, { protocols: ["c"] }).protocol).toBeNull();
    expect(() => judge(offer, { protocols: () => "c" })).toThrow(/did not offer/);
  });

  test("has functions that are not called for a request that breaks the protocol", () => {
    const policy = { path: vi.fn(() => true), origins: vi.fn(() => true), protocols: vi.fn(() => null) };
    judge({ Origin: "https://a.example", "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Key": "x" }, policy);
    judge({ Origin: ["https://a.example", "x"], "Sec-WebSocket-Key": null }, policy);
    for (const each of Object.values(policy)) expect(each).not.toHaveBeenCalled();
    judge({ "Sec-WebSocket-Protocol": "a", "Sec-WebSocket-Extensions": ";" }, policy);
    expect(policy.protocols).not.toHaveBeenCalled();
  });
});

test("the first broken rule decides about a request, in the order of the protocol", () => {
  const steps: [Refusal, HeadChanges][] = [
    [Refusals.BODY_UNEXPECTED, { "Content-Length": null }],
    [Refusals.HOST_MISSING, { Host: "a" }],
    [Refusals.NOT_AN_UPGRADE, { Upgrade: "websocket" }],
    [Refusals.CONNECTION_NOT_UPGRADE, { Connection: "upgrade" }],
    [Refusals.WEBSOCKET_VERSION_UNSUPPORTED, { "Sec-WebSocket-Version": "13" }],
    [Refusals.KEY_INVALID, { "Sec-WebSocket-Key": SAMPLE_KEY }],
    [Refusals.ORIGIN_FORBIDDEN, { Origin: null }],
    [Refusals.SUBPROTOCOLS_INVALID, { "Sec-WebSocket-Protocol": "a" }],
    [Refusals.EXTENSIONS_INVALID, { "Sec-WebSocket-Extensions": "a" }],
  ];
  let changes: HeadChanges = {
    "Content-Length": "5",
    Host: null,
    Upgrade: null,
    Connection: null,
    "Sec-WebSocket-Version": null,
    "Sec-WebSocket-Key": null,
    Origin: "https://evil.example",
    "Sec-WebSocket-Protocol": "",
    "Sec-WebSocket-Extensions": "",
  };
  expect(judge(changes, {}, "POST * HTTP/1.0")).toBe(Refusals.VERSION_UNSUPPORTED);
  expect(judge(changes, {}, "POST * HTTP/1.1")).toBe(Refusals.METHOD_NOT_GET);
  for (const [refusal, repair] of steps) {
    expect(judge(changes)).toBe(refusal);
    changes = { ...changes, ...repair };
  }
  accepted(changes);
});

test("a request whose fields were changed at random is accepted or refused, and never throws", () => {
  const name = fc.constantFrom(
    "Host",
    "Upgrade",
    "Connection",
    "Origin",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
  );
  const value = fc.string({ unit: fc.constantFrom("a", ",", ";", "=", '"', " ", ":", "/", "[", "%", "\xff") });
  fc.assert(
    fc.property(fc.dictionary(name, value), (changes) => {
      const judged = judge(changes, { protocols: ["a"] });
      expect(isRefusal(judged) || judged.key === SAMPLE_KEY || isKey(judged.key)).toBe(true);
    }),
  );
});

test("100 KB of adversarial values are judged", () => {
  const big = (piece: string) => piece.repeat(100_000 / piece.length);
  expect(judge({ Upgrade: big(",") })).toBe(Refusals.NOT_AN_UPGRADE);
  expect(judge({ Connection: big("a,") })).toBe(Refusals.CONNECTION_NOT_UPGRADE);
  expect(judge({ "Sec-WebSocket-Key": big("=") })).toBe(Refusals.KEY_INVALID);
  expect(judge({ Origin: `http://${big("a.")}` })).toBe(Refusals.ORIGIN_FORBIDDEN);
  expect(judge({ "Sec-WebSocket-Protocol": big("a,") })).toBe(Refusals.SUBPROTOCOLS_INVALID);
  expect(judge({ "Sec-WebSocket-Extensions": big("a;") })).toBe(Refusals.EXTENSIONS_INVALID);
  expect(accepted({ "Sec-WebSocket-Extensions": big("a,") }).offers).toHaveLength(50_000);
  accepted({ Host: big("a") });
});
