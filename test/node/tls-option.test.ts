import { describe, expect, test } from "vitest";
import { checkCertificate, clientTls, serverTls, unusableTls } from "../../src/node/tls-option.ts";
import { argumentError } from "../support/argument-error.ts";
import { makeCertificate } from "../support/certificate.ts";

describe("the option tls", () => {
  test.each([
    ["a server", serverTls],
    ["a client", clientTls],
  ])(
    "the option tls of %s is copied without the parts that are undefined, which would replace node's defaults",
    (_name, rule) => {
      const given = { servername: undefined, minVersion: "TLSv1.3" };
      const checked = rule(given, "tls");
      expect(checked).toEqual({ minVersion: "TLSv1.3" });
      expect("servername" in (checked as object)).toBe(false);
      given.minVersion = "TLSv1.2";
      expect(checked).toEqual({ minVersion: "TLSv1.3" });
    },
  );

  test("the option tls has inherited parts and accessors as well, as in an object of a class", () => {
    class Base {
      readonly key = "key";
    }
    class Options extends Base {
      get cert(): string {
        return "cert";
      }
    }
    expect(serverTls(new Options(), "tls")).toEqual({ key: "key", cert: "cert" });
  });

  test.each([true, "cert", null, [], Promise.resolve({})])("the option tls may not be %o", (value) => {
    const error = argumentError(TypeError, "OPTION_INVALID", /^tls must be an object/);
    expect(() => serverTls(value, "tls")).toThrow(error);
    expect(() => clientTls(value, "tls")).toThrow(error);
  });

  test("the option tls of a client may not have a checkServerIdentity that is not a function", () => {
    expect(() => clientTls({ checkServerIdentity: true }, "tls")).toThrow("tls.checkServerIdentity");
  });
});

describe("checkCertificate", () => {
  test("checkCertificate() accepts a key with its certificate, and a callback that gives one by name", async () => {
    const { key, cert } = await makeCertificate();
    expect(() => checkCertificate({ key, cert }, "tls")).not.toThrow();
    expect(() => checkCertificate({ key: [key], cert: [cert] }, "tls")).not.toThrow();
    expect(() => checkCertificate({ SNICallback: () => {} }, "tls")).not.toThrow();
  });

  test.each([
    [{}, "tls lacks key and cert, pfx or SNICallback"],
    [{ cert: "cert" }, "tls lacks key"],
    [{ key: "key" }, "tls lacks cert"],
    [{ key: "", cert: "" }, "tls lacks key and cert, pfx or SNICallback"],
    [{ key: [], cert: [] }, "tls lacks key and cert, pfx or SNICallback"],
  ])("checkCertificate() rejects %j, with which no client could connect", (options, message) => {
    expect(() => checkCertificate(options, "tls")).toThrow(
      argumentError(TypeError, "OPTION_INVALID", new RegExp(message)),
    );
  });

  test("checkCertificate() rejects a certificate that OpenSSL cannot read, with OpenSSL's error as the cause", async () => {
    const { key } = await makeCertificate();
    const check = () => checkCertificate({ key, cert: "not a certificate" }, "tls");
    expect(check).toThrow(argumentError(TypeError, "OPTION_INVALID", /^tls cannot be used: /));
    expect(check).toThrow(expect.objectContaining({ cause: expect.any(Error) }));
  });
});

test("an error of OpenSSL becomes one line without its number, with itself as the cause", () => {
  const cause = new Error("error:0909006C:PEM routines:\n get_name:no start line");
  expect(unusableTls(cause, "tls")).toMatchObject({
    message: "tls cannot be used: PEM routines: get_name:no start line",
    cause,
  });
  expect(unusableTls("text", "tls").message).toBe("tls cannot be used: text");
});
