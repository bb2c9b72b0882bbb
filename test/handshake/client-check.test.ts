import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkResponse, type SentOffer } from "../../src/handshake/client-check.ts";
import { type ConnectFailure, ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { parseResponseHead } from "../../src/handshake/response-reader.ts";
import { argumentError } from "../support/argument-error.ts";
import { type HeadChanges, response, SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/heads.ts";

const OFFER: SentOffer = { key: SAMPLE_KEY, protocols: ["chat", "x"], extensionNames: ["foo", "bar"] };
const NOTHING: SentOffer = { key: SAMPLE_KEY, protocols: [], extensionNames: [] };

const check = (changes: HeadChanges = {}, offer = OFFER, line?: string) =>
  checkResponse(response(changes, line), offer);

function failure(changes: HeadChanges, offer = OFFER, line?: string): ConnectFailure | null {
  const result = check(changes, offer, line);
  return "failure" in result ? result.failure : null;
}

test("RFC 6455 section 4.1: the smallest response chooses no subprotocol and no extension", () => {
  expect(check()).toEqual({ protocol: "", extensions: [] });
  expect(check({}, NOTHING)).toEqual({ protocol: "", extensions: [] });
});

test("RFC 6455 section 4.1: the subprotocol and the extensions are those of the response, in its order", () => {
  expect(check({ "Sec-WebSocket-Protocol": "x", "Sec-WebSocket-Extensions": "bar, foo; a=1" })).toEqual({
    protocol: "x",
    extensions: [
      { name: "bar", params: [] },
      { name: "foo", params: [{ name: "a", value: "1" }] },
    ],
  });
});

describe("each rule", () => {
  /** The rule, fields that break it, the failure, and the most similar fields that are valid. */
  const rules: [string, HeadChanges, ConnectFailure, HeadChanges][] = [
    ["item 2: no Upgrade", { Upgrade: null }, ConnectFailures.UPGRADE_WRONG, { Upgrade: "WebSocket" }],
    ["item 2: another Upgrade", { Upgrade: "h2c" }, ConnectFailures.UPGRADE_WRONG, { Upgrade: " websocket\t" }],
    ["item 2: a list", { Upgrade: "websocket, h2c" }, ConnectFailures.UPGRADE_WRONG, {}],
    [
      "item 2: two lines",
      { Upgrade: ["websocket", "websocket"] },
      ConnectFailures.UPGRADE_WRONG,
      { Upgrade: ["WEBSOCKET"] },
    ],
    ["item 3: no Connection", { Connection: null }, ConnectFailures.CONNECTION_WRONG, { Connection: "upgrade" }],
    [
      "item 3: without the token",
      { Connection: "close" },
      ConnectFailures.CONNECTION_WRONG,
      { Connection: "close, UPGRADE" },
    ],
    [
      "item 3: part of the token",
      { Connection: "upgrades" },
      ConnectFailures.CONNECTION_WRONG,
      { Connection: ["x", "Upgrade"] },
    ],
    ["item 4: no Accept", { "Sec-WebSocket-Accept": null }, ConnectFailures.ACCEPT_WRONG, {}],
    ["item 4: the key itself", { "Sec-WebSocket-Accept": SAMPLE_KEY }, ConnectFailures.ACCEPT_WRONG, {}],
    [
      "item 4: in another case",
      { "Sec-WebSocket-Accept": SAMPLE_ACCEPT.toLowerCase() },
      ConnectFailures.ACCEPT_WRONG,
      { "Sec-WebSocket-Accept": ` \t${SAMPLE_ACCEPT} ` },
    ],
    [
      "section 11.3.3: two Accepts",
      { "Sec-WebSocket-Accept": [SAMPLE_ACCEPT, SAMPLE_ACCEPT] },
      ConnectFailures.DUPLICATE_ACCEPT,
      { "Sec-WebSocket-Accept": [SAMPLE_ACCEPT] },
    ],
    [
      "section 9.1: malformed extensions",
      { "Sec-WebSocket-Extensions": "foo;" },
      ConnectFailures.EXTENSIONS_MALFORMED,
      { "Sec-WebSocket-Extensions": "foo" },
    ],
    [
      "section 9.1: an empty list of extensions",
      { "Sec-WebSocket-Extensions": "" },
      ConnectFailures.EXTENSIONS_MALFORMED,
      {},
    ],
    [
      "item 5: an extension not offered",
      { "Sec-WebSocket-Extensions": "foo, baz" },
      ConnectFailures.EXTENSION_NOT_REQUESTED,
      { "Sec-WebSocket-Extensions": "foo, bar" },
    ],
    [
      "item 5: in another case",
      { "Sec-WebSocket-Extensions": "Foo" },
      ConnectFailures.EXTENSION_NOT_REQUESTED,
      { "Sec-WebSocket-Extensions": ["foo", "bar"] },
    ],
    [
      "item 6: a subprotocol not offered",
      { "Sec-WebSocket-Protocol": "y" },
      ConnectFailures.SUBPROTOCOL_NOT_REQUESTED,
      { "Sec-WebSocket-Protocol": "x" },
    ],
    [
      "item 6: in another case",
      { "Sec-WebSocket-Protocol": "X" },
      ConnectFailures.SUBPROTOCOL_NOT_REQUESTED,
      { "Sec-WebSocket-Protocol": "x" },
    ],
    ["item 6: an empty one", { "Sec-WebSocket-Protocol": "" }, ConnectFailures.SUBPROTOCOL_NOT_REQUESTED, {}],
    [
      "item 6: a list",
      { "Sec-WebSocket-Protocol": "chat, x" },
      ConnectFailures.SUBPROTOCOL_NOT_REQUESTED,
      { "Sec-WebSocket-Protocol": "chat" },
    ],
    [
      "section 11.3.4: two lines",
      { "Sec-WebSocket-Protocol": ["chat", "chat"] },
      ConnectFailures.DUPLICATE_SUBPROTOCOL,
      { "Sec-WebSocket-Protocol": ["chat"] },
    ],
  ];

  test.each(rules)(
    "RFC 6455 section 4.1, %s MUST fail, and the most similar valid response does not",
    (_, broken, expected, neighbour) => {
      expect(failure(broken)).toBe(expected);
      expect(failure(neighbour)).toBeNull();
    },
  );
});

test.each(["HTTP/1.1 200 OK", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 302 Found", "HTTP/1.0 503 Busy"])(
  "RFC 6455 section 4.1, item 1: %j fails with its status and reason, because it is not 101",
  (line) => {
    expect(check({}, OFFER, line)).toEqual({ failure: ConnectFailures.STATUS_NOT_101, detail: line.slice(9) });
  },
);

test("RFC 6455 section 4.2.2, item 5: a response of 101 in HTTP/1.0 is invalid", () => {
  expect(failure({}, OFFER, "HTTP/1.0 101 Switching Protocols")).toBe(ConnectFailures.SWITCHED_IN_HTTP_1_0);
});

test("RFC 6455 section 4.1, items 5 and 6: if nothing was offered, nothing may be used", () => {
  expect(failure({ "Sec-WebSocket-Extensions": "foo" }, NOTHING)).toBe(ConnectFailures.EXTENSION_NOT_REQUESTED);
  expect(failure({ "Sec-WebSocket-Protocol": "chat" }, NOTHING)).toBe(ConnectFailures.SUBPROTOCOL_NOT_REQUESTED);
});

test("the first broken rule decides about a response, in the order of RFC 6455 section 4.1", () => {
  const steps: [ConnectFailure, HeadChanges][] = [
    [ConnectFailures.UPGRADE_WRONG, { Upgrade: "websocket" }],
    [ConnectFailures.CONNECTION_WRONG, { Connection: "Upgrade" }],
    [ConnectFailures.ACCEPT_WRONG, { "Sec-WebSocket-Accept": SAMPLE_ACCEPT }],
    [ConnectFailures.EXTENSIONS_MALFORMED, { "Sec-WebSocket-Extensions": "baz" }],
    [ConnectFailures.EXTENSION_NOT_REQUESTED, { "Sec-WebSocket-Extensions": "foo" }],
    [ConnectFailures.SUBPROTOCOL_NOT_REQUESTED, { "Sec-WebSocket-Protocol": "chat" }],
  ];
  let changes: HeadChanges = {
    Upgrade: null,
    Connection: null,
    "Sec-WebSocket-Accept": null,
    "Sec-WebSocket-Extensions": "",
    "Sec-WebSocket-Protocol": "y",
  };
  expect(failure(changes, OFFER, "HTTP/1.1 400 Bad")).toBe(ConnectFailures.STATUS_NOT_101);
  for (const [expected, repair] of steps) {
    expect(failure(changes)).toBe(expected);
    changes = { ...changes, ...repair };
  }
  expect(failure(changes)).toBeNull();
});

describe("the detail of a failure", () => {
  const detail = (changes: HeadChanges, line?: string) => {
    const result = check(changes, OFFER, line);
    return "failure" in result ? result.detail : null;
  };

  test("quotes what the server sent, or says that it is missing", () => {
    expect(detail({ Upgrade: "h2c" })).toBe('"h2c"');
    expect(detail({ Upgrade: null })).toBe("it is missing");
    expect(detail({ "Sec-WebSocket-Extensions": "foo, baz" })).toBe('"baz"');
    expect(detail({ "Sec-WebSocket-Protocol": ["chat", "x"] })).toBe('"chat, x"');
    expect(detail({}, "HTTP/1.1 500")).toBe("500");
  });

  test("is short, whatever the server sent", () => {
    expect(detail({ Upgrade: "a".repeat(100_000) })?.length).toBeLessThan(120);
    expect(detail({}, `HTTP/1.1 500 ${"a".repeat(100_000)}`)?.length).toBeLessThan(120);
  });
});

test.each(["protocols", "extensionNames"])("an offer whose %s are one string throws", (name) => {
  const offer = { ...OFFER, [name]: "chat" } as SentOffer;
  expect(() => check({}, offer)).toThrow(
    argumentError(TypeError, "OPTION_INVALID", `${name} must be a list of strings, not "chat"`),
  );
});

test("random responses always fail and never throw, because their Sec-WebSocket-Accept is wrong", () => {
  const soup = fc
    .array(
      fc.constantFrom(
        "\r\n",
        "Upgrade: websocket",
        "Connection: upgrade",
        "Sec-WebSocket-Accept: ",
        "a",
        ",",
        ";",
        '"',
      ),
    )
    .map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(soup, (text) => {
      const head = parseResponseHead(`HTTP/1.1 101 x\r\n${text}`);
      if (!("failure" in head)) expect(checkResponse(head, OFFER)).toHaveProperty("failure");
    }),
  );
});

describe("WHATWG WebSockets, opening handshake: of the subprotocols that a WebSocket has offered", () => {
  const BROWSERS: SentOffer = { ...OFFER, needsSubprotocol: true };

  test("one must be in the response", () => {
    expect(failure({}, BROWSERS)).toBe(ConnectFailures.SUBPROTOCOL_MISSING);
    expect(failure({ "Sec-WebSocket-Protocol": "" }, BROWSERS)).toBe(ConnectFailures.SUBPROTOCOL_NOT_REQUESTED);
    expect(failure({ "Sec-WebSocket-Protocol": "x" }, BROWSERS)).toBeNull();
  });

  test("none must be in the response if none was offered", () => {
    expect(failure({}, { ...BROWSERS, protocols: [] })).toBeNull();
  });
});
