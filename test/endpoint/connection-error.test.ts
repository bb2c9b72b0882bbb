import { describe, expect, test } from "vitest";
import { ConnectionError, cutOffBy, failedBy } from "../../src/endpoint/connection-error.ts";
import { ConnectionLosses } from "../../src/endpoint/connection-losses.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { Violations } from "../../src/framing/violations.ts";

describe("ConnectionError", () => {
  test("the error of a violation has its code, its section and the code of the Close frame", () => {
    const error = new ConnectionError(Violations.MASK_MISSING, "detail");
    expect(error).toMatchObject({ name: "ConnectionError", code: "MASK_MISSING", closeCode: 1002 });
    expect(error.section).toBe(Violations.MASK_MISSING.section);
    expect(error.message).toBe(`${Violations.MASK_MISSING.message}: detail (${Violations.MASK_MISSING.section})`);
  });

  test("RFC 6455 section 7.1.5: the error of a lost connection has the close code 1006, which is never sent", () => {
    expect(new ConnectionError(ConnectionLosses.PEER_DEAD)).toMatchObject({ code: "PEER_DEAD", closeCode: 1006 });
  });

  test("the message of an error is one line, even if its detail comes from a peer and has several", () => {
    expect(new ConnectionError(ConnectionLosses.CUT_OFF, "a\r\nb\u2028c").message).toContain(": a b c (RFC 6455");
  });
});

describe("failedBy", () => {
  test("the error of a broken rule has no cause", () => {
    expect(failedBy(Violations.RESERVED_BITS, undefined)).not.toHaveProperty("cause");
  });

  test("the error of an exception quotes its message and has it as its cause", () => {
    const cause = new Error("no memory");
    const error = failedBy(ExtensionViolations.EXTENSION_FAILED, cause);
    expect(error.cause).toBe(cause);
    expect(error.message).toContain(": no memory (");
  });

  test.each(["text", 5, null])(
    "the error of a thrown %j, which is no Error, quotes it and has it as its cause",
    (cause) => {
      const error = failedBy(ExtensionViolations.EXTENSION_FAILED, cause);
      expect(error.cause).toBe(cause);
      expect(error.message).toContain(`: ${cause} (`);
    },
  );
});

describe("cutOffBy", () => {
  test("a transport that ended without an error makes a CUT_OFF", () => {
    expect(cutOffBy(null)).toMatchObject({ code: "CUT_OFF", closeCode: 1006 });
  });

  test("a transport that failed makes a TRANSPORT_FAILED with the transport's error as its cause", () => {
    const cause = new Error("read ECONNRESET");
    const error = cutOffBy(cause);
    expect(error).toMatchObject({ code: "TRANSPORT_FAILED", closeCode: 1006, cause });
    expect(error.message).toContain("read ECONNRESET");
  });

  test("the errors of lost connections are made without a stack, which would cost 4 µs for each of thousands", () => {
    const { stackTraceLimit } = Error;
    expect(cutOffBy(null).stack).not.toContain("\n    at ");
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });
});
