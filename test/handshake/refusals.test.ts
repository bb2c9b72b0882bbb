import { describe, expect, test } from "vitest";
import { Refusals, UnansweredRefusals } from "../../src/handshake/refusals.ts";
import { reasonPhrase } from "../../src/http/reason-phrases.ts";

const rows = Object.entries({ ...Refusals, ...UnansweredRefusals }).map(([name, row]) => ({ name, row }));

/** The codes that several rows share, because they call for the same reaction. */
const SHARED_CODES = {
  HEAD_BAD_BYTE: ["REQUEST_LINE_BAD_BYTE", "LINE_END_INVALID", "FIELD_NAME_BAD_BYTE", "FIELD_VALUE_BAD_BYTE"],
  HEAD_TOO_LARGE: ["REQUEST_LINE_TOO_LONG", "HEAD_TOO_LARGE"],
  FIELD_FOLDED: ["SPACE_BEFORE_FIELDS", "FIELD_FOLDED"],
  FIELD_NAME_INVALID: ["FIELD_WITHOUT_COLON", "FIELD_NAME_INVALID"],
  DUPLICATE_FIELD: ["DUPLICATE_VERSION", "DUPLICATE_KEY", "DUPLICATE_ORIGIN"],
};

describe("the refusal", () => {
  test.each(rows)("$name is a frozen row with a code, a section and a sentence without a full stop", ({ row }) => {
    expect(row.kind).toBe("refusal");
    expect(Object.isFrozen(row) && Object.isFrozen(row.headers)).toBe(true);
    expect(row.code).toMatch(/^[A-Z][A-Z_]+[A-Z]$/);
    expect(row.section).toMatch(/^RFC [0-9]{4} section [0-9]+(?:\.[0-9]+)*$/);
    expect(row.message).toMatch(/^\S.*[^\s.]$/);
    expect(row.message).not.toMatch(/[^ -~]|RFC/);
  });

  test.each(rows)("$name has a code that is its name, unless it shares the code with others", ({ name, row }) => {
    const shared = Object.entries(SHARED_CODES).find(([, names]) => names.includes(name));
    expect(row.code).toBe(shared?.[0] ?? name);
  });

  test.each(Object.entries(Refusals))("%s has an error status with a reason phrase, and never 502", (_, row) => {
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).not.toBe(502);
    expect(reasonPhrase(row.status)).not.toBe("");
  });

  test.each(Object.entries(UnansweredRefusals))("%s has the status 0, because no response can be sent", (_, row) => {
    expect(row.status).toBe(0);
  });
});

test("every sentence occurs once", () => {
  const messages = rows.map(({ row }) => row.message);
  expect(new Set(messages).size).toBe(messages.length);
});

test("RFC 9110 section 15.5.6: a refusal with 405 MUST have Allow, and no other refusal has it", () => {
  for (const { row } of rows) expect("Allow" in row.headers, row.code).toBe(row.status === 405);
});

test("RFC 9110 section 15.5.22: a refusal with 426 MUST have Upgrade, and no other refusal has it", () => {
  for (const { row } of rows) expect("Upgrade" in row.headers, row.code).toBe(row.status === 426);
});

test("RFC 6455 section 4.4: a refusal of another version MUST have Sec-WebSocket-Version", () => {
  expect(Refusals.WEBSOCKET_VERSION_UNSUPPORTED.headers).toHaveProperty("Sec-WebSocket-Version", "13");
});
