import { describe, expect, test } from "vitest";
import { FOREIGN_TO_CONNECT, FOREIGN_TO_SERVER } from "../../src/connection/foreign-options.ts";
import { ACCEPTOR_RULES } from "../../src/node/acceptor-options.ts";
import { OPENING_RULES } from "../../src/node/opening-options.ts";

describe.each([
  ["connect()", FOREIGN_TO_CONNECT, OPENING_RULES],
  ["WebSocketServer", FOREIGN_TO_SERVER, ACCEPTOR_RULES],
] as const)("the advice for options that %s does not have", (_owner, foreign, rules) => {
  test("the advice for an unknown option is given for no option that exists", () => {
    expect([...foreign.keys()].filter((name) => name in rules)).toEqual([]);
  });

  test("the advice for an unknown option is one line without a full stop for each option", () => {
    for (const [name, advice] of foreign) expect(advice, name).toMatch(/^[^\n]+[^.\n]$/);
  });

  test("the advice for an unknown option names the option tls for each part of tls", () => {
    expect(foreign.get("rejectUnauthorized")).toBe("use tls: { rejectUnauthorized }");
  });
});

test("an option of the other side is explained as such", () => {
  expect(FOREIGN_TO_CONNECT.get("noServer")).toContain("it is an option of WebSocketServer, not of connect()");
  expect(FOREIGN_TO_SERVER.get("signal")).toContain("it is an option of connect(), not of WebSocketServer");
});
