import { afterEach, describe, expect, it, test } from "vitest";
import { locationOf, urlRecord } from "../../src/websocket/url-record.ts";
import { domException } from "../support/dom-exception.ts";

const globals = globalThis as { location?: unknown };

afterEach(() => {
  delete globals.location;
});

const href = (url: string, base?: string) => urlRecord(url, base).href;

describe("WHATWG WebSockets, constructor", () => {
  test("step 1: the base URL is globalThis.location, if there is one and no other is given", () => {
    globals.location = { href: "https://page.example/a/b?c#d" };
    expect(href("/chat")).toBe("wss://page.example/chat");
    expect(href("chat", "ws://other.example/x/y")).toBe("ws://other.example/x/chat");
  });

  test("step 2: a URL is parsed against the base", () => {
    expect(href("?q", "ws://a/b")).toBe("ws://a/b?q");
    expect(href("//c/d", "wss://a/b")).toBe("wss://c/d");
    expect(href("ws://x/y", "wss://a/b")).toBe("ws://x/y");
    expect(href("WS://user:p%20w@A:80/ä b?ü")).toBe("ws://user:p%20w@a/%C3%A4%20b?%C3%BC");
  });

  test.each(["/chat", "", "ws://", "ws://a b/", "ws://a:99999/", "//x"])(
    "step 3: %j alone cannot be parsed, and throws a SyntaxError",
    (url) => {
      expect(() => href(url)).toThrow(domException("SyntaxError", /cannot be parsed and there is no base/));
    },
  );

  test.each([
    ["http://a/b", "ws://a/b"],
    ["https://a:8443/b", "wss://a:8443/b"],
    ["http://a:80/", "ws://a/"],
    ["https://a:80/", "wss://a:80/"],
    ["https://u:p@a/", "wss://u:p@a/"],
  ])("steps 4 and 5: %s becomes %s", (url, expected) => {
    expect(href(url)).toBe(expected);
  });

  test.each(["ftp://a/", "file:///a", "wsx://a/", "data:,x", "about:blank"])(
    "step 6: the scheme of %s throws a SyntaxError",
    (url) => {
      expect(() => href(url)).toThrow(domException("SyntaxError", /must be ws, wss, http or https/));
    },
  );

  test.each(["ws://a/#b", "ws://a/#", "http://a/b#c", "ws://a?x#"])(
    "step 7: the fragment of %s throws a SyntaxError",
    (url) => {
      expect(() => href(url)).toThrow(domException("SyntaxError", /has a fragment/));
    },
  );

  test("step 7: the fragment of the base is not one of the URL, and an escaped # is not one at all", () => {
    expect(href("b", "ws://a/x#y")).toBe("ws://a/b");
    expect(href("ws://a/%23")).toBe("ws://a/%23");
  });
});

it("an error about a URL quotes neither its password nor its query", () => {
  expect(() => href("ws://me:secret@a/?token=secret#x")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("secret") }),
  );
});

it("a global location that is not one counts as none", () => {
  expect(locationOf("href")).toBeUndefined();
  globals.location = null;
  expect(locationOf("href")).toBeUndefined();
  globals.location = { origin: 5 };
  expect(locationOf("origin")).toBeUndefined();
});
