import { describe, expect, test } from "vitest";
import type { Rule } from "../../src/arguments/index.ts";
import { OPENING_RULES } from "../../src/node/opening-options.ts";
import { argumentError } from "../support/argument-error.ts";

const check = (name: keyof typeof OPENING_RULES, value: unknown) => (OPENING_RULES[name] as Rule)(value, name);

describe("the options of an opening handshake", () => {
  test("one subprotocol is as good as a list with it", () => {
    expect(check("protocols", "chat")).toEqual(["chat"]);
    expect(check("protocols", ["chat", "superchat"])).toEqual(["chat", "superchat"]);
  });

  test.each([5, {}, null])("protocols may not be %j", (value) => {
    expect(() => check("protocols", value)).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^protocols must be a subprotocol or a list of them/),
    );
  });

  test("RFC 6455 section 4.1, item 10: a subprotocol may not be offered twice", () => {
    expect(() => check("protocols", ["chat", "chat"])).toThrow("chat");
  });

  test.each([0, -1, 1.5, 2 ** 31, "5"])("handshakeTimeout may not be %j", (value) => {
    expect(() => check("handshakeTimeout", value)).toThrow("handshakeTimeout must be");
  });

  test("signal may be an AbortSignal, or the signal of a polyfill with its methods", () => {
    const { signal } = new AbortController();
    const polyfill = { aborted: false, addEventListener() {}, removeEventListener() {} };
    expect(check("signal", signal)).toBe(signal);
    expect(check("signal", polyfill)).toBe(polyfill);
  });

  test("signal may not be an AbortController, and the error says what to pass", () => {
    expect(() => check("signal", new AbortController())).toThrow("use its signal");
  });

  test.each([null, {}, { aborted: false }, "signal"])("signal may not be %j", (value) => {
    expect(() => check("signal", value)).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^signal must be an AbortSignal/),
    );
  });

  test("headers are copied, so that a later change of them has no effect", () => {
    const headers = new Map([["Cookie", "a=1"]]);
    const checked = check("headers", headers);
    headers.set("Cookie", "a=2");
    expect(JSON.stringify([...(checked as Iterable<unknown>)])).toContain("a=1");
  });

  test.each([1, "yes", null])("concurrent may not be %j", (value) => {
    expect(() => check("concurrent", value)).toThrow("concurrent must be true or false");
  });
});
