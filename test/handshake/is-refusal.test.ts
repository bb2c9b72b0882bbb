import { expect, test } from "vitest";
import { refuse } from "../../src/handshake/application-refusal.ts";
import { checkResponse } from "../../src/handshake/client-check.ts";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { parseResponseHead } from "../../src/handshake/response-reader.ts";
import { judgeRequest } from "../../src/handshake/server-decision.ts";
import { ConnectError } from "../../src/node/connect-error.ts";
import { request, response, SAMPLE_KEY } from "../support/heads.ts";

test.each(Object.entries(Refusals))("the row %s is a refusal", (_, row) => {
  expect(isRefusal(row)).toBe(true);
});

test("an error that was made from a row or by refuse() is a refusal", () => {
  expect(isRefusal(new RefusalError(Refusals.NOT_AUTHENTICATED))).toBe(true);
  expect(isRefusal(refuse(403, "no"))).toBe(true);
});

test.each(Object.entries(ConnectFailures))("the failure %s of a client is not a refusal", (_, failure) => {
  expect(isRefusal(failure)).toBe(false);
  expect(isRefusal({ failure, detail: "" })).toBe(false);
  expect(isRefusal(new ConnectError(failure))).toBe(false);
});

test.each([
  ["a response that cannot be parsed", parseResponseHead("HTTP/1.1 101 a\r\nA : b")],
  ["a response that breaks a rule", checkResponse(response(), { key: "", protocols: [], extensionNames: [] })],
  ["a checked response", checkResponse(response(), { key: SAMPLE_KEY, protocols: [], extensionNames: [] })],
  ["an accepted request", judgeRequest(request(), {})],
  ["the head of a request", request()],
  ["the head of a response", response()],
  ["an error with the properties of a refusal", { status: 502, code: "EPROXY", section: "x" }],
  ["null", null],
  ["undefined", undefined],
  ["a string", "refusal"],
  ["a number", 400],
])("%s is not a refusal", (_, value) => {
  expect(isRefusal(value)).toBe(false);
});
