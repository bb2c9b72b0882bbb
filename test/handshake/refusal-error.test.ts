import { expect, test } from "vitest";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";

test("an error has everything that its refusal has, and a message with the section", () => {
  const error = new RefusalError(Refusals.METHOD_NOT_GET);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "RefusalError",
    kind: "refusal",
    code: "METHOD_NOT_GET",
    status: 405,
    section: "RFC 6455 section 4.2.1",
    headers: { Allow: "GET" },
    message: "the method is not GET (RFC 6455 section 4.2.1)",
  });
});

test("a detail stands between the sentence and the section, on one line", () => {
  const { message } = new RefusalError(Refusals.SERVER_FAILED, "a\r\nb");
  expect(message).toBe("the server failed while handling the request: a b (RFC 6455 section 4.2.2)");
});

test("a cause is kept", () => {
  const cause = new Error("mine");
  expect(new RefusalError(Refusals.SERVER_FAILED, "", { cause }).cause).toBe(cause);
  expect(new RefusalError(Refusals.SERVER_FAILED)).not.toHaveProperty("cause");
});
