import { STATUS_CODES } from "node:http";
import { expect, test } from "vitest";
import { reasonPhrase } from "../../src/http/reason-phrases.ts";

test("the phrases are those of node, except for the one that RFC 9110 has renamed", () => {
  for (let status = 300; status < 600; status++) {
    const phrase = reasonPhrase(status);
    if (phrase !== "" && status !== 422) expect(phrase, String(status)).toBe(STATUS_CODES[status]);
  }
  expect(reasonPhrase(422)).toBe("Unprocessable Content");
});

test("the statuses that a faulty head calls for have a phrase", () => {
  expect([400, 414, 431].map(reasonPhrase)).toEqual([
    ...["Bad Request", "URI Too Long", "Request Header Fields Too Large"],
  ]);
});

test("an unknown status has the empty phrase", () => {
  expect(reasonPhrase(599)).toBe("");
});
