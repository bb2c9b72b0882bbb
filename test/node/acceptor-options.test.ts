import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import type { Rule } from "../../src/arguments/index.ts";
import { ACCEPTOR_RULES, checkAcceptorOptions } from "../../src/node/acceptor-options.ts";
import { argumentError } from "../support/argument-error.ts";
import { makeCertificate } from "../support/certificate.ts";

const check = (name: keyof typeof ACCEPTOR_RULES, value: unknown) => (ACCEPTOR_RULES[name] as Rule)(value, name);

describe("each option of what accepts connections", () => {
  test.each([
    ["port", -1],
    ["port", 65_536],
    ["port", "80"],
    ["host", ""],
    ["host", 5],
    ["backlog", 0],
    ["handshakeTimeout", 0],
    ["handshakeTimeout", 2 ** 31],
    ["authenticate", true],
    ["headers", { a: 1 }],
    ["noServer", "yes"],
    ["server", 80],
    ["tls", true],
  ] as const)("%s may not be %j, and the error names the option", (name, value) => {
    expect(() => check(name, value)).toThrow(`${name} must be`);
  });

  test.each([
    ["port", 0],
    ["port", 65_535],
    ["host", "::1"],
    ["backlog", 1],
    ["handshakeTimeout", 2 ** 31 - 1],
    ["noServer", true],
  ] as const)("%s may be %j", (name, value) => {
    expect(check(name, value)).toBe(value);
  });

  test("headers that are not a function are an error that shows the function to write", () => {
    expect(() => check("headers", { "Set-Cookie": "a=1" })).toThrow("use headers: () => headers");
  });
});

describe("the options together", () => {
  const rejects = (options: object, message: string) =>
    expect(() => checkAcceptorOptions(options)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));

  test.each([
    [{}, 0],
    [{ noServer: false }, 0],
    [{ port: 0, noServer: true }, 2],
    [{ port: 0, noServer: true, server: createServer() }, 3],
  ])(
    "the options of an acceptor have exactly one of port, server and noServer: %j has %i of them",
    (options, count) => {
      rejects(options, `give exactly one of port, server and noServer, not ${count} of them`);
    },
  );

  test.each([{ port: 0 }, { noServer: true }, { server: createServer() }])(
    "the options of an acceptor may be %j",
    (options) => {
      expect(checkAcceptorOptions(options)).toBeUndefined();
    },
  );

  test.each([{ host: "127.0.0.1" }, { backlog: 5 }, { tls: {} }])("%j is an error without a port", (option) => {
    const [name] = Object.keys(option);
    const advice = "give it to the http.Server or https.Server";
    rejects({ noServer: true, ...option }, `${name} goes with port, not with server or noServer: ${advice}`);
  });

  test("the option tls needs a certificate, since no client could connect without one", async () => {
    expect(() => checkAcceptorOptions({ port: 0, tls: {} })).toThrow("tls lacks key and cert");
    expect(checkAcceptorOptions({ port: 0, tls: { ...(await makeCertificate()) } })).toBeUndefined();
  });
});
