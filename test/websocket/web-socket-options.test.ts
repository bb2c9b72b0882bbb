import { afterEach, describe, expect, it } from "vitest";
import { OPENING_RULES } from "../../src/node/opening-options.ts";
import { checkedOptions } from "../../src/websocket/web-socket-options.ts";
import { argumentError } from "../support/argument-error.ts";
import { domException } from "../support/dom-exception.ts";

const globals = globalThis as { location?: unknown };

afterEach(() => {
  delete globals.location;
});

const check = (given: unknown) => checkedOptions(given, "WebSocket");

describe("the options of a WebSocket", () => {
  it("are none by default", () => {
    expect(check({})).toEqual({ base: undefined, protocols: [], opening: { headers: [] } });
  });

  it("are passed to the opening handshake, with the origin among the headers", () => {
    const tls = { ca: "x" };
    expect(
      check({ tls, perMessageDeflate: false, maxPayload: 5, origin: "https://a.example", headers: { A: "b" } }),
    ).toEqual({
      base: undefined,
      protocols: [],
      opening: {
        tls,
        perMessageDeflate: false,
        maxPayload: 5,
        headers: [
          ["A", ["b"]],
          ["Origin", ["https://a.example"]],
        ],
      },
    });
  });

  it("have every option of connect() that makes sense here", () => {
    const { highWaterMark: _, overflow: __, ...others } = OPENING_RULES;
    expect(() => check({ unknown: 1 })).toThrow(expect.objectContaining({ message: expect.stringContaining("base") }));
    for (const name of Object.keys(others)) {
      expect(() => check({ [name]: Symbol("wrong") }), name).toThrow(
        expect.not.objectContaining({ code: "OPTION_UNKNOWN" }),
      );
    }
  });

  it("take a list of subprotocols by the rules of the standard", () => {
    expect(check({ protocols: new Set(["a", "b"]) }).protocols).toEqual(["a", "b"]);
    expect(check({ protocols: "a" }).protocols).toEqual(["a"]);
    expect(() => check({ protocols: ["a", "a"] })).toThrow(domException("SyntaxError", /given twice/));
  });

  it("take an absolute URL as base", () => {
    expect(check({ base: new URL("http://a/b") }).base).toBe("http://a/b");
    expect(check({ base: "http://a/b" }).base).toBe("http://a/b");
    expect(() => check({ base: "/b" })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /base must be an absolute URL/),
    );
  });

  it.each(["https://a.example", "http://a.example:8080", "null", "chrome-extension://abc"])(
    "take the origin %s",
    (origin) => {
      expect(check({ origin }).opening.headers).toEqual([["Origin", [origin]]]);
    },
  );

  it.each([
    ["https://a.example/", /use "https:\/\/a.example"/],
    ["https://A.example:443", /use "https:\/\/a.example"/],
    ["a.example", /as in "https:\/\/example.com"/],
    ["", /a string that is not empty/],
  ])("reject %j, which is not an origin", (origin, message) => {
    expect(() => check({ origin })).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  it("reject an origin beside an Origin among the headers", () => {
    expect(() => check({ origin: "https://a.example", headers: { origin: "https://b.example" } })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /cannot be combined/),
    );
  });

  it.each([
    ["proxy", /the options are/],
    ["http2", /the options are/],
    ["dispatcher", /sockets are opened by node:net/],
    ["rejectUnauthorized", /use tls: \{ rejectUnauthorized \}/],
    ["protocol", /use protocols/],
    ["highWaterMark", /bufferedAmount/],
  ])("do not have %s, and say what to write instead", (name, message) => {
    expect(() => check({ [name]: {} })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", message));
  });
});

describe("the Origin of a request", () => {
  it("is that of globalThis.location, if there is one", () => {
    globals.location = { origin: "https://page.example" };
    expect(check({}).opening.headers).toEqual([["Origin", ["https://page.example"]]]);
  });

  it("is what the application gives instead", () => {
    globals.location = { origin: "https://page.example" };
    expect(check({ origin: "https://a.example" }).opening.headers).toEqual([["Origin", ["https://a.example"]]]);
    const headers = { ORIGIN: "https://b.example" };
    expect(check({ headers }).opening.headers).toEqual([["ORIGIN", ["https://b.example"]]]);
  });
});
