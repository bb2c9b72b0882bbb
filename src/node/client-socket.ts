import { isIP, type LookupFunction, connect as openTcp, type Socket } from "node:net";
import { connect as openTls, type ConnectionOptions as TlsConnectionOptions } from "node:tls";
import { unusableTls } from "./tls-option.ts";

export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** The host and port of a URL. */
export interface ConnectTarget {
  /** A name or an address, which has no brackets. */
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

export function targetOf({ hostname, port, protocol }: URL): ConnectTarget {
  const isSecure = protocol === "wss:";
  return {
    host: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    isSecure,
  };
}

function alreadyResolved(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

type IdentityCheck = NonNullable<TlsConnectionOptions["checkServerIdentity"]>;

/** Wraps the application's check of a certificate: an exception must not reach node, where it would end the process. */
function withoutThrowing(check: IdentityCheck): IdentityCheck {
  return (host, certificate) => {
    try {
      const problem: unknown = check(host, certificate);
      if (problem === undefined || problem instanceof Error) return problem;
      return problem ? new Error(String(problem)) : undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };
}

/**
 * Begins to open a TCP connection, with TLS in it for wss:.
 *
 * @throws TypeError OPTION_INVALID for TLS options that node rejects, such as an invalid certificate
 */
export function openSocket(
  { host, port, isSecure }: ConnectTarget,
  addresses: readonly ResolvedAddress[],
  tls: TlsConnectionOptions | undefined,
): Socket {
  const where = { host, port, lookup: alreadyResolved(addresses), noDelay: true };
  if (!isSecure) return openTcp(where);
  // RFC 6455 section 4.1, item 5: "Clients MUST use the Server Name Indication extension", which has no addresses.
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const check = tls?.checkServerIdentity;
  const identity = check === undefined ? {} : { checkServerIdentity: withoutThrowing(check) };
  try {
    return openTls({ ...where, ALPNProtocols: ["http/1.1"], ...servername, ...tls, ...identity });
  } catch (error) {
    throw unusableTls(error, "tls");
  }
}
