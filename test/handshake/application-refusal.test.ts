import { describe, expect, test } from "vitest";
import { refuse } from "../../src/handshake/application-refusal.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { formatRefusal } from "../../src/handshake/server-response.ts";
import type { ExtraHeaders } from "../../src/http/extra-headers.ts";
import { argumentError } from "../support/argument-error.ts";

describe("refuse()", () => {
  test("returns a refusal with the given parts", () => {
    const refusal = refuse(401, "the token has expired", { "WWW-Authenticate": "Bearer" });
    expect(refusal).toBeInstanceOf(RefusalError);
    expect(refusal).toMatchObject({ code: "REFUSED", status: 401, headers: { "WWW-Authenticate": "Bearer" } });
    expect(refusal.message).toContain("the token has expired");
  });

  test.each([300, 303, 305, 399, 400, 451, 500, 599])("accepts the status %i", (status) => {
    expect(formatRefusal(refuse(status, "no"))).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  test.each([200, 101, 299, 304, 600, 999, 403.5, -1, Number.NaN])("throws at once for the status %s", (status) => {
    expect(() => refuse(status, "no")).toThrow(
      argumentError(RangeError, "ARGUMENT_INVALID", /300 to 599, and not 304$/),
    );
  });

  test.each([["403"], [null], [undefined], [{ status: 403 }]])("throws at once for the status %o", (status) => {
    expect(() => refuse(status as unknown as number, "no")).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /300 to 599/),
    );
  });

  test.each([[undefined], [null], [""], [{ A: "b" }], [5]])("throws at once for the message %o", (message) => {
    expect(() => refuse(403, message as string)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^refuse\(\) needs a sentence for the client, not /),
    );
  });

  test.each<[string, unknown]>([
    ["in a string", "WWW-Authenticate: Bearer"],
    ["null", null],
    ["with a value that ends its line", { A: "b\r\nC: d" }],
    ["with a name that is not a token", { "A B": "c" }],
    ["with a field of the body", { "content-length": "0" }],
    ["with a number", { "Retry-After": 5 }],
  ])("throws at once for header fields %s", (_, headers) => {
    expect(() => refuse(403, "no", headers as ExtraHeaders)).toThrow(argumentError(TypeError, "HEADER_INVALID", /./));
  });

  test("returns an error with a message of one line, even if the sentence quotes a request", () => {
    const { message } = refuse(403, "there is no user a\r\nSet-Cookie: b=c");
    expect(message).toBe("there is no user a Set-Cookie: b=c (RFC 6455 section 4.2.2)");
  });

  test("accepts header fields in every form and sends each value on its own line", () => {
    const cookies: [string, string][] = [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
      ["X-A", "1"],
    ];
    for (const headers of [cookies, new Headers(cookies), { "Set-Cookie": ["a=1", "b=2"], "X-A": "1" }]) {
      const lines = formatRefusal(refuse(403, "no", headers))
        .toLowerCase()
        .split("\r\n");
      expect(lines).toEqual(expect.arrayContaining(["set-cookie: a=1", "set-cookie: b=2", "x-a: 1"]));
    }
    expect(refuse(403, "no", cookies).headers).toEqual({ "Set-Cookie": ["a=1", "b=2"], "X-A": "1" });
  });
});
