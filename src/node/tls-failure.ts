import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { withoutStack } from "../errors.ts";
import { RefusalError } from "../handshake/refusal-error.ts";
import { UnansweredRefusals } from "../handshake/refusals.ts";

/** Not documented by node. Without it a reset is reported without an address, and scanners are reported, too. */
interface TlsSocketParts {
  /** The TCP socket below. */
  readonly _parent?: Socket;
}

interface OpenSslError extends NodeJS.ErrnoException {
  /** The text of the error alone; the message has its place in OpenSSL's source, and a line feed. */
  readonly reason?: string;
}

export interface TlsFailure {
  readonly error: RefusalError;
  readonly remoteAddress: string | undefined;
}

/**
 * Describes a failed TLS handshake for the event `"refused"`.
 *
 * @returns null for a client that has left without a byte: port scanners and the health checks of load balancers do
 *   that all the time
 */
export function tlsFailure(cause: OpenSslError, socket: TLSSocket): TlsFailure | null {
  const tcp = (socket as TlsSocketParts)._parent;
  if (cause.code === "ECONNRESET" && tcp?.bytesRead === 0) return null;
  const remoteAddress = socket.remoteAddress ?? tcp?.remoteAddress;
  const detail = oneLine(describe(cause, socket));
  return {
    error: withoutStack(() => new RefusalError(UnansweredRefusals.TLS_FAILED, detail, { cause })),
    remoteAddress,
  };
}

function describe({ code, reason, message }: OpenSslError, socket: TLSSocket): string {
  // node destroys the socket of a client whose certificate it rejects, and reports a reset.
  const { authorizationError } = socket;
  if (authorizationError) return `the client's certificate was rejected, ${authorizationError}`;
  if (code === "ECONNRESET") return "the client closed the connection, perhaps because it rejected the certificate";
  return code === undefined ? message : `${code}, ${reason ?? message}`;
}

const MAX_CHARS = 200;

/** An error of a callback such as SNICallback may have any text. */
function oneLine(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim()
    .slice(0, MAX_CHARS);
}
