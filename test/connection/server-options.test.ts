import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { resolveServerOptions } from "../../src/connection/server-options.ts";
import { argumentError } from "../support/argument-error.ts";

const resolve = (given: unknown) => () => resolveServerOptions(given as never);

describe("the options of WebSocketServer", () => {
  test("the options of WebSocketServer are copied, and the copy does not follow later changes", () => {
    const given = { noServer: true as const, maxPayload: 10 };
    const options = resolveServerOptions(given);
    given.maxPayload = 20;
    expect(options).toEqual({ noServer: true, maxPayload: 10 });
  });

  test.each([
    [8080, "use { port }"],
    [createServer(), "use { server }"],
    [undefined, "give one of port, server and noServer"],
  ])("the options of WebSocketServer may not be %o, and the error says what to write instead", (given, advice) => {
    expect(resolve(given)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^the options of WebSocketServer must be/),
    );
    expect(resolve(given)).toThrow(advice);
  });

  test("the options of WebSocketServer may not have a name that a server does not know, and the error has advice for one of the ws library", () => {
    const error = /^"verifyClient" is not an option of WebSocketServer: use authenticate/;
    expect(resolve({ noServer: true, verifyClient() {} })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", error));
  });

  test("the options of WebSocketServer are checked together: a port and noServer exclude each other", () => {
    expect(resolve({ port: 0, noServer: true })).toThrow("give exactly one of port, server and noServer");
  });
});
