import { createSecureContext, type ConnectionOptions as TlsConnectionOptions, type TlsOptions } from "node:tls";
import { invalidOption, type Rule, wrongType } from "../arguments/index.ts";

/** What a server can be known by, each in a form that a client may accept. */
const NEEDED = "key and cert, pfx or SNICallback";

/** What `tls.createServer` takes. */
export const serverTls: Rule<TlsOptions> = (value, name) => tlsObject(value, name, `an object with ${NEEDED}`);

/**
 * Checks that a server has a certificate: without one it listens, and every client fails.
 *
 * @throws TypeError OPTION_INVALID; its `cause` is the error of OpenSSL for a key or a certificate that is not valid
 */
export function checkCertificate(options: TlsOptions, name: string): void {
  const { key, cert, pfx, SNICallback, pskCallback } = options;
  const { privateKeyIdentifier } = options as { privateKeyIdentifier?: unknown };
  const hasPair = isGiven(cert) && (isGiven(key) || isGiven(privateKeyIdentifier));
  if (!hasPair && !isGiven(pfx) && SNICallback === undefined && pskCallback === undefined) {
    const missing = isGiven(cert) ? "key" : isGiven(key) ? "cert" : NEEDED;
    throw wrongType("OPTION_INVALID", `${name} lacks ${missing}: without a certificate no client can connect`);
  }
  try {
    createSecureContext(options);
  } catch (error) {
    // OpenSSL's text may have several lines.
    const reason = String(error instanceof Error ? error.message : error)
      .trim()
      .replaceAll(/\s+/g, " ");
    throw wrongType("OPTION_INVALID", `${name} cannot be used: ${reason}`, { cause: error });
  }
}

/** What `tls.connect` takes. */
export const clientTls: Rule<TlsConnectionOptions> = (value, name) =>
  tlsObject(value, name, "an object of options of tls.connect() (a wss: URL alone turns TLS on)");

function tlsObject(value: unknown, name: string, accepted: string): object {
  if (typeof value === "object" && value !== null && !(Symbol.iterator in value)) return value;
  throw invalidOption(name, accepted, value);
}

/** An empty list or text holds no certificate. */
function isGiven(part: unknown): boolean {
  if (part === undefined || part === null || part === "") return false;
  return !Array.isArray(part) || part.length > 0;
}
