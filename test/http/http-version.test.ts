import { expect, test } from "vitest";
import { httpVersion } from "../../src/http/http-version.ts";

test.each(["1.0", "1.1", "2.0", "0.9"])("RFC 9112 section 2.3: HTTP/%s is an HTTP version", (number) => {
  expect(httpVersion(`HTTP/${number}`)).toBe(number);
});

test.each([
  "",
  "HTTP/",
  "HTTP/1",
  "HTTP/1.",
  "HTTP/11",
  "HTTP/1.1x",
  "HTTP/1.10",
  "http/1.1",
  "HTTP/1,1",
  "HTTP/x.1",
  "HTTP 1.1",
  " HTTP/1.1",
  "HTTP/1.1\n",
])("RFC 9112 section 2.3: %j is not an HTTP version", (text) => {
  expect(httpVersion(text)).toBeNull();
});
