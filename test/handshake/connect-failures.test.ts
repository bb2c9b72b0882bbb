import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";

const rows = Object.entries(ConnectFailures);

describe("the failure", () => {
  test.each(rows)("%s is a frozen row with a code, a section and a sentence without a full stop", (_, row) => {
    expect(row.kind).toBe("connectFailure");
    expect(Object.isFrozen(row)).toBe(true);
    expect(row.code).toMatch(/^[A-Z][A-Z0-9_]+[A-Z0-9]$/);
    expect(row.section).toMatch(/^RFC [0-9]{4} section [0-9]+(?:\.[0-9]+)*$|^WHATWG WebSockets, opening handshake$/);
    expect(row.message).toMatch(/^\S.*[^\s.]$/);
    expect(row.message).not.toMatch(/[^ -~]|RFC/);
  });

  test.each(rows)("%s has no HTTP status: a client sends no response", (_, row) => {
    expect(row).not.toHaveProperty("status");
  });
});

test("every sentence occurs once", () => {
  const messages = rows.map(([, row]) => row.message);
  expect(new Set(messages).size).toBe(messages.length);
});

test("docs/connect-errors.md lists the codes of all failures, in the order of the table, and no other", () => {
  const page = readFileSync(new URL("../../docs/connect-errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
  expect(listed).toEqual([...new Set(rows.map(([, row]) => row.code))]);
});
