import { STATUS_CODES } from "node:http";
import { expect, test } from "vitest";
import { reasonPhrase } from "../../src/handshake/reason-phrases.ts";
import { Refusals } from "../../src/handshake/refusals.ts";

test("every status of the table of refusals has a phrase", () => {
  for (const { status } of Object.values(Refusals)) expect(reasonPhrase(status)).not.toBe("");
});

test("the phrases are those that node has, but for one that RFC 9110 has renamed", () => {
  for (let status = 300; status < 600; status++) {
    const phrase = reasonPhrase(status);
    if (phrase !== "" && status !== 422) expect(phrase).toBe(STATUS_CODES[status]);
  }
});

test("an unknown status has none", () => {
  expect(reasonPhrase(599)).toBe("");
});
