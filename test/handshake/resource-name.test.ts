import { expect, test } from "vitest";
import { parseResourceName, resourcePath } from "../../src/handshake/resource-name.ts";

test.each([
  ["/chat?a=/b", "/chat"],
  ["//", "//"],
  ["http://example.com/chat?x", "/chat"],
  ["HTTPS://example.com:443", "/"],
  ["ws://[::1]:80/a", "/a"],
  ["wss://a//b", "//b"],
])("RFC 6455 section 4.2.1, item 1: the path of the target %j is %j", (target, path) => {
  expect(resourcePath(target)).toBe(path);
  expect(parseResourceName(target)).toMatchObject({ path });
});

test.each(["ftp://a/", "javascript://a/", "*", "example.com:80", "/a#b", "http://user@a/", ""])(
  "RFC 6455 section 4.2.1, item 1: %j is not the target of a request for a WebSocket",
  (target) => {
    expect(resourcePath(target)).toBeNull();
    expect(parseResourceName(target)).toBeNull();
  },
);
