import { describe, expect, it } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { certificateFailure, describeError, lookupFailure, socketFailure } from "../../src/node/network-failure.ts";

function systemError(code: string, more: object = {}): Error {
  return Object.assign(new Error(`connect ${code}`), { code }, more);
}

const tcp = (error: Error) => socketFailure(error, "tcp");
const several = (...codes: string[]) => new AggregateError(codes.map((code) => systemError(code)));

describe("an error while the TCP connection is being opened", () => {
  it.each([
    ["ECONNREFUSED", "CONNECTION_REFUSED"],
    ["ETIMEDOUT", "CONNECTION_TIMED_OUT"],
    ["EHOSTUNREACH", "HOST_UNREACHABLE"],
    ["ENETUNREACH", "HOST_UNREACHABLE"],
    ["EADDRNOTAVAIL", "HOST_UNREACHABLE"],
    ["ECONNRESET", "CUT_OFF"],
    ["EMFILE", "NO_CONNECTION"],
    ["constructor", "NO_CONNECTION"],
  ])("an error of the system while TCP is being opened is classified by its code: %s is %s", (code, expected) => {
    expect(tcp(systemError(code)).code).toBe(expected);
  });

  it("an error without a code while TCP is being opened is NO_CONNECTION", () => {
    expect(tcp(new Error("odd")).code).toBe("NO_CONNECTION");
  });

  it.each([
    [["ECONNREFUSED", "ECONNREFUSED"], "CONNECTION_REFUSED"],
    [["ETIMEDOUT", "ETIMEDOUT"], "CONNECTION_TIMED_OUT"],
    [["ENETUNREACH", "EHOSTUNREACH"], "HOST_UNREACHABLE"],
    [["ENETUNREACH", "ECONNREFUSED"], "CONNECTION_REFUSED"],
    [["ETIMEDOUT", "EADDRNOTAVAIL"], "CONNECTION_TIMED_OUT"],
    [["ECONNREFUSED", "ETIMEDOUT"], "NO_CONNECTION"],
    [[], "NO_CONNECTION"],
  ])("the errors %j of several addresses are %s", (codes, expected) => {
    expect(tcp(several(...codes)).code).toBe(expected);
  });
});

describe("an error after the TCP connection is open", () => {
  it.each(["tls", "response"] as const)(
    "an error after TCP is open is CUT_OFF if the connection is lost (%s)",
    (phase) => {
      expect(socketFailure(systemError("ECONNRESET"), phase)).toBe(ConnectFailures.CUT_OFF);
      expect(socketFailure(systemError("EPIPE"), phase)).toBe(ConnectFailures.CUT_OFF);
      expect(socketFailure(systemError("ETIMEDOUT"), phase)).toBe(ConnectFailures.CUT_OFF);
    },
  );

  it.each(["tls", "response"] as const)("an error of TLS after TCP is open is TLS_FAILED (%s)", (phase) => {
    const alert = systemError("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED");
    expect(socketFailure(alert, phase)).toBe(ConnectFailures.TLS_FAILED);
    expect(socketFailure(systemError("EPROTO"), phase)).toBe(ConnectFailures.TLS_FAILED);
  });

  it.each([
    ["EPROTO", "write EPROTO 00:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:record.c:355:\n"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "00:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number"],
    ["ERR_SSL_PACKET_LENGTH_TOO_LONG", "00:error:0A0000C6:SSL routines:ssl3_get_record:packet length too long"],
  ])("an error of a server that does not speak TLS says so: %s", (code, message) => {
    expect(socketFailure(Object.assign(new Error(message), { code }), "tls")).toBe(ConnectFailures.TLS_NOT_SPOKEN);
  });
});

describe("a rejected certificate", () => {
  it.each([
    ["CERT_HAS_EXPIRED", ConnectFailures.CERTIFICATE_EXPIRED],
    ["CERT_NOT_YET_VALID", ConnectFailures.CERTIFICATE_NOT_YET_VALID],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", ConnectFailures.CERTIFICATE_UNTRUSTED],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ConnectFailures.CERTIFICATE_UNTRUSTED],
    ["ERR_TLS_CERT_ALTNAME_INVALID", ConnectFailures.CERTIFICATE_OF_ANOTHER_NAME],
    ["CERT_REVOKED", ConnectFailures.CERTIFICATE_REJECTED],
    ["toString", ConnectFailures.CERTIFICATE_REJECTED],
  ])("a certificate that is rejected has the message for %s, and one code for all", (code, expected) => {
    expect(certificateFailure(systemError(code))).toBe(expected);
    expect(expected.code).toBe("CERTIFICATE_REJECTED");
  });
});

describe("a host name", () => {
  it("a host name without an address is distinguished from one that could not be resolved", () => {
    expect(lookupFailure(systemError("ENOTFOUND")).code).toBe("HOST_NOT_FOUND");
    expect(lookupFailure(systemError("EAI_AGAIN")).code).toBe("LOOKUP_FAILED");
  });
});

describe("an error in words", () => {
  it("the text of an error for several addresses has the messages of all", () => {
    expect(describeError(several("ECONNREFUSED", "ETIMEDOUT"))).toBe("connect ECONNREFUSED, connect ETIMEDOUT");
  });

  it("the text of an error of OpenSSL is its reason, without its log", () => {
    const error = systemError("ERR_SSL_X", { library: "SSL routines", reason: "wrong version number" });
    expect(describeError(error)).toBe("wrong version number");
  });

  it("the text of an error is short, and anything that was thrown has one", () => {
    expect(describeError(new Error("x".repeat(10_000))).length).toBeLessThan(400);
    expect(describeError("text")).toBe("text");
    expect(describeError(undefined)).toBe("undefined");
  });
});
