/** Classifies errors of the system and of OpenSSL for an attempt to connect. */
import { type ConnectFailure, ConnectFailures } from "../handshake/connect-failures.ts";
import type { OpeningPhase } from "./opening-phase.ts";

type Codes = ReadonlyMap<string, ConnectFailure>;

/** While the TCP connection is being opened. */
const BY_TCP_CODE: Codes = new Map([
  // The connection was open, and was reset before node noticed.
  ["ECONNRESET", ConnectFailures.CUT_OFF],
  ["ECONNREFUSED", ConnectFailures.CONNECTION_REFUSED],
  ["ETIMEDOUT", ConnectFailures.CONNECTION_TIMED_OUT],
  ["EHOSTUNREACH", ConnectFailures.HOST_UNREACHABLE],
  ["EHOSTDOWN", ConnectFailures.HOST_UNREACHABLE],
  ["ENETUNREACH", ConnectFailures.HOST_UNREACHABLE],
  ["ENETDOWN", ConnectFailures.HOST_UNREACHABLE],
  // No local address can reach the host, such as for ::1 if IPv6 is off.
  ["EADDRNOTAVAIL", ConnectFailures.HOST_UNREACHABLE],
  ["EAFNOSUPPORT", ConnectFailures.HOST_UNREACHABLE],
]);

/** Of a certificate that was rejected. */
const BY_CERTIFICATE_CODE: Codes = new Map([
  ["CERT_HAS_EXPIRED", ConnectFailures.CERTIFICATE_EXPIRED],
  ["CERT_NOT_YET_VALID", ConnectFailures.CERTIFICATE_NOT_YET_VALID],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", ConnectFailures.CERTIFICATE_UNTRUSTED],
  ["SELF_SIGNED_CERT_IN_CHAIN", ConnectFailures.CERTIFICATE_UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT", ConnectFailures.CERTIFICATE_UNTRUSTED],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", ConnectFailures.CERTIFICATE_UNTRUSTED],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", ConnectFailures.CERTIFICATE_UNTRUSTED],
  ["ERR_TLS_CERT_ALTNAME_INVALID", ConnectFailures.CERTIFICATE_OF_ANOTHER_NAME],
  ["HOSTNAME_MISMATCH", ConnectFailures.CERTIFICATE_OF_ANOTHER_NAME],
]);

const SHOWN_CHARS = 300;

/** The messages of OpenSSL's versions if the first bytes of a peer are not TLS. */
const NOT_TLS = /wrong[ _]version[ _]number|packet[ _]length[ _]too[ _]long|unknown[ _]protocol/i;

function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}

function isTlsError(code: string): boolean {
  return code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_");
}

function tlsFailure(error: Error): ConnectFailure {
  return NOT_TLS.test(error.message) ? ConnectFailures.TLS_NOT_SPOKEN : ConnectFailures.TLS_FAILED;
}

/**
 * The failure that all addresses of a host have in common. An unreachable address does not count beside others: many
 * hosts have IPv6 addresses, and many networks have no IPv6.
 */
function common(failures: readonly ConnectFailure[]): ConnectFailure {
  const all = new Set(failures);
  if (all.size > 1) all.delete(ConnectFailures.HOST_UNREACHABLE);
  const [first = ConnectFailures.NO_CONNECTION] = all;
  return all.size === 1 ? first : ConnectFailures.NO_CONNECTION;
}

function tcpFailure(error: unknown): ConnectFailure {
  if (error instanceof AggregateError) return common(error.errors.map(tcpFailure));
  return BY_TCP_CODE.get(codeOf(error)) ?? ConnectFailures.NO_CONNECTION;
}

/** @param error of `dns.lookup` */
export function lookupFailure(error: Error): ConnectFailure {
  return codeOf(error) === "ENOTFOUND" ? ConnectFailures.HOST_NOT_FOUND : ConnectFailures.LOOKUP_FAILED;
}

/** @param error that `tls.connect` gave for the server's certificate, or the application's own `checkServerIdentity` */
export function certificateFailure(error: Error): ConnectFailure {
  return BY_CERTIFICATE_CODE.get(codeOf(error)) ?? ConnectFailures.CERTIFICATE_REJECTED;
}

/** @param error of the socket */
export function socketFailure(error: Error, phase: OpeningPhase): ConnectFailure {
  if (isTlsError(codeOf(error))) return tlsFailure(error);
  return phase === "tcp" ? tcpFailure(error) : ConnectFailures.CUT_OFF;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // The message of an OpenSSL error is a line of its log, with memory addresses and names of source files.
  return "library" in error && "reason" in error && typeof error.reason === "string" ? error.reason : error.message;
}

/** Describes an error. The error for several addresses that were tried in turn has no message of its own. */
export function describeError(error: unknown): string {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  const text = errors.map(messageOf).join(", ");
  return text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}...` : text;
}
