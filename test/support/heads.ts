/** Heads for the tests of the handshake: a valid request and a valid response, for tests to change one thing at a time. */
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { parseRequestHead } from "../../src/handshake/request-reader.ts";
import { parseResponseHead } from "../../src/handshake/response-reader.ts";
import type { RequestHead } from "../../src/http/request-head.ts";
import type { ResponseHead } from "../../src/http/response-head.ts";

/** The key of RFC 6455 section 1.3 and the Sec-WebSocket-Accept that matches it. */
export const SAMPLE_KEY = "dGhlIHNhbXBsZSBub25jZQ==";
export const SAMPLE_ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

export type HeadChanges = Readonly<Record<string, string | readonly string[] | null>>;

function lines(base: HeadChanges, changes: HeadChanges): string[] {
  return Object.entries({ ...base, ...changes }).flatMap(([name, value]) =>
    (value === null ? [] : Array.isArray(value) ? value : [value]).map((each) => `${name}: ${each}`),
  );
}

const REQUEST: HeadChanges = {
  Host: "server.example.com",
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Key": SAMPLE_KEY,
  "Sec-WebSocket-Version": "13",
};

const RESPONSE: HeadChanges = {
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Accept": SAMPLE_ACCEPT,
};

/** The text of a valid request in which some fields are replaced, repeated (a list) or omitted (null). */
export function requestText(changes: HeadChanges = {}, line = "GET /chat HTTP/1.1"): string {
  return [line, ...lines(REQUEST, changes)].join("\r\n");
}

export function request(changes: HeadChanges = {}, line?: string): RequestHead {
  const head = parseRequestHead(requestText(changes, line));
  if (isRefusal(head)) throw new Error(`the test's own request is refused: ${head.message}`);
  return head;
}

export function response(changes: HeadChanges = {}, line = "HTTP/1.1 101 Switching Protocols"): ResponseHead {
  const head = parseResponseHead([line, ...lines(RESPONSE, changes)].join("\r\n"));
  if ("failure" in head) throw new Error(`the test's own response fails: ${head.failure.message}`);
  return head;
}
