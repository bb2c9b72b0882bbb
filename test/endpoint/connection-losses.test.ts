import { expect, test } from "vitest";
import { ConnectionLosses } from "../../src/endpoint/connection-losses.ts";

const rows = Object.entries(ConnectionLosses);

test.each(rows)("the row %s of ConnectionLosses is frozen and has its own name as its code", (name, row) => {
  expect(row).toMatchObject({ kind: "loss", code: name });
  expect(Object.isFrozen(row)).toBe(true);
});

test.each(rows)("the row %s of ConnectionLosses names a section of RFC 6455 and has one sentence", (_name, row) => {
  expect(row.section).toMatch(/^RFC 6455 section \d+(\.\d+)*$/);
  expect(row.message).toMatch(/^[a-z][^\n]*[^.]$/);
});

test("no two rows of ConnectionLosses have the same message", () => {
  expect(new Set(rows.map(([, { message }]) => message)).size).toBe(rows.length);
});

test("the table of losses cannot be changed", () => {
  expect(Object.isFrozen(ConnectionLosses)).toBe(true);
});
