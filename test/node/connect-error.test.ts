import { describe, expect, it } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { ConnectError } from "../../src/index.ts";

describe("ConnectError", () => {
  it("a ConnectError has the code, the section and one sentence of its row", () => {
    const error = new ConnectError(ConnectFailures.CUT_OFF, "the detail", { cause: "the cause" });
    expect(error).toMatchObject({ name: "ConnectError", code: "CUT_OFF", response: null, cause: "the cause" });
    expect(error.message).toBe(
      "the connection ended before the handshake was complete: the detail (RFC 6455 section 4.1)",
    );
  });

  it("a ConnectError is one line, whatever the detail has", () => {
    const { message } = new ConnectError(ConnectFailures.TLS_FAILED, "one\r\ntwo\u2028three\x1b[31m\x9b \n");
    expect(message).toBe("the TLS connection failed: one two three [31m (RFC 6455 section 4.1)");
  });
});
