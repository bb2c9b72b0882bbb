import { describe, expect, test } from "vitest";
import { isCloseCode } from "../../src/framing/index.ts";
import { type Violation, Violations } from "../../src/framing/violations.ts";

const ROWS: [string, Violation][] = Object.entries(Violations);

describe("the table of violations", () => {
  test("the table and its rows are frozen", () => {
    expect(Object.isFrozen(Violations)).toBe(true);
    expect(ROWS.filter(([, row]) => !Object.isFrozen(row))).toEqual([]);
  });

  test("each code is the key of its row, so that codes are unique", () => {
    expect(ROWS.filter(([key, { code }]) => key !== code)).toEqual([]);
    expect(ROWS.every(([key]) => /^[A-Z][A-Z0-9_]+$/.test(key))).toBe(true);
  });

  test("each row is of the kind violation", () => {
    expect(ROWS.filter(([, { kind }]) => kind !== "violation")).toEqual([]);
  });

  test("each section names a section of RFC 6455 or RFC 7692", () => {
    expect(ROWS.filter(([, { section }]) => !/^RFC (6455|7692) section \d+(\.\d+)*$/.test(section))).toEqual([]);
  });

  test("each message begins with a lower-case letter, is one line and ends without a full stop", () => {
    expect(ROWS.filter(([, { message }]) => !/^[a-z][^\n]*[^.\s]$/.test(message))).toEqual([]);
    expect(new Set(ROWS.map(([, { message }]) => message)).size).toBe(ROWS.length);
  });

  test("RFC 6455 section 7.4.1: each close code may be sent", () => {
    expect(ROWS.filter(([, { closeCode }]) => !isCloseCode(closeCode))).toEqual([]);
  });

  test.each([
    [1007, ["CLOSE_REASON_NOT_UTF8", "TEXT_NOT_UTF8"]],
    [1008, ["EMPTY_FRAGMENTS"]],
    [1009, ["LENGTH_UNSAFE", "MESSAGE_TOO_BIG"]],
  ])("RFC 6455 section 7.4.1: the close code %i is that of exactly %j", (closeCode, codes) => {
    const found = ROWS.filter(([, row]) => row.closeCode === closeCode).map(([key]) => key);
    expect(found.sort()).toEqual(codes);
  });

  test("RFC 6455 section 7.4.1: all other violations are protocol errors, 1002", () => {
    const others = ROWS.filter(([, { closeCode }]) => ![1007, 1008, 1009].includes(closeCode));
    expect(new Set(others.map(([, { closeCode }]) => closeCode))).toEqual(new Set([1002]));
  });
});
