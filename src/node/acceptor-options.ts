import type { TlsOptions } from "node:tls";
import {
  aFunction,
  invalidOption,
  nonEmptyString,
  type Rule,
  trueOrFalse,
  wholeNumber,
  wrongType,
} from "../arguments/index.ts";
import { CONNECTION_RULES, type ConnectionOptions, MAX_TIMEOUT } from "../endpoint/settings.ts";
import type { OriginPolicy } from "../handshake/origin.ts";
import type { RefusalError } from "../handshake/refusal-error.ts";
import type { ServerPolicy } from "../handshake/server-policy.ts";
import { noteChecked, POLICY_RULES } from "../handshake/server-policy.ts";
import type { SubprotocolPolicy } from "../handshake/subprotocols.ts";
import type { ExtraHeaders } from "../http/extra-headers.ts";
import { HEAD_LIMIT_RULES, type HeadLimits } from "../http/head-limits.ts";
import { EXTENSION_RULES, type ExtensionOptions } from "./extension-options.ts";
import type { AnyHttpServer } from "./http-attachment.ts";
import { httpServer } from "./http-server-option.ts";
import { checkCertificate, serverTls } from "./tls-option.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** The result of `authenticate`: nothing or `false` refuses with 401, and a `RefusalError` with its own status. */
export type Authentication<Auth> = Auth | RefusalError | null | undefined | false;

/** The options for the judgement of requests and for the connections that follow. */
export interface HandshakeOptions<Auth = unknown> extends ConnectionOptions, ExtensionOptions, Partial<HeadLimits> {
  /**
   * The path that is served, percent-encoded as it is sent and without a query; or a synchronous function that returns
   * `true` for each path that is served. All paths by default.
   */
  path?: string | ((path: string) => boolean) | undefined;
  /**
   * The web pages that may connect, by their `Origin`: a list of origins such as "https://example.com", a function,
   * or "*" for all. In a list, "https://*.example.com" stands for all subdomains of example.com, at any depth and with
   * this scheme and port, but not for example.com itself; "null" for sandboxed frames and files, which any page can
   * open. An entry that no `Origin` can match is an error. By default those whose host name is that of the server, so
   * that no foreign page can use a visitor's cookies (cross-site WebSocket hijacking). Requests without an `Origin`
   * come from no browser and are let through: `authenticate` judges them.
   */
  origins?: OriginPolicy | undefined;
  /**
   * The subprotocols that are spoken here, each a token, or a synchronous function that chooses one of those offered.
   */
  protocols?: SubprotocolPolicy | undefined;
  /**
   * Identifies the client. Its result, or that of its promise, is the connection's `auth`. Nothing or `false` refuses
   * with 401, a returned or thrown `RefusalError` with its own status; any other error, returned or thrown, with 500. A
   * promise that has not settled within `handshakeTimeout` refuses with 503 (`AUTHENTICATION_TIMEOUT`).
   */
  authenticate?: ((request: UpgradeRequest) => Authentication<Auth> | Promise<Authentication<Auth>>) | undefined;
  /** Returns the header fields for the 101 response, such as `Set-Cookie`; it may not be asynchronous. */
  headers?: ((request: UpgradeRequest, auth: Auth) => ExtraHeaders) | undefined;
  /**
   * Milliseconds from the accepted socket, or the upgrade, to the 101 response; 10,000 by default. On a port of the
   * server's own, the TLS handshake has the same time before that.
   */
  handshakeTimeout?: number | undefined;
}

/** A server on a port of its own. */
export interface ListenOptions {
  /** The port to listen on; 0 for any free one. */
  port: number;
  /** The address to listen on; all of the machine's by default. */
  host?: string | undefined;
  /** The length of the system's queue of connections that wait to be accepted. */
  backlog?: number | undefined;
  /**
   * `key` and `cert` (or `pfx`, or an `SNICallback`), and other options of `tls.createServer`: the server then speaks
   * wss.
   */
  tls?: TlsOptions | undefined;
  server?: undefined;
  noServer?: undefined;
}

/** A server that is attached to an HTTP server. */
export interface AttachOptions {
  /** An http.Server or an https.Server, whether it listens yet or not. */
  server: AnyHttpServer;
  port?: undefined;
  noServer?: undefined;
}

/** A server that gets its sockets by `handleUpgrade`. */
export interface NoServerOptions {
  noServer: true;
  port?: undefined;
  server?: undefined;
}

/** The options of a server. */
export type AcceptorOptions<Auth = unknown> = HandshakeOptions<Auth> &
  (ListenOptions | AttachOptions | NoServerOptions);

/** A rule for each of the options. */
export const ACCEPTOR_RULES = {
  ...CONNECTION_RULES,
  ...EXTENSION_RULES,
  ...HEAD_LIMIT_RULES,
  ...POLICY_RULES,
  authenticate: aFunction as Rule<NonNullable<HandshakeOptions["authenticate"]>>,
  headers: (value, name) => {
    if (typeof value === "function") return value as () => ExtraHeaders;
    throw invalidOption(name, "a function that gives the headers of a response", value, "use headers: () => headers");
  },
  handshakeTimeout: wholeNumber(1, MAX_TIMEOUT),
  port: wholeNumber(0, 65_535),
  host: nonEmptyString,
  backlog: wholeNumber(1, 2 ** 31 - 1),
  tls: serverTls,
  server: httpServer,
  noServer: trueOrFalse,
} as const satisfies Record<keyof HandshakeOptions | keyof ListenOptions, Rule>;

/** The options that need a port. */
const LISTENING = ["host", "backlog", "tls"] as const;

/** Options that were checked one by one. */
type CheckedOptions = Partial<Omit<ListenOptions, "server" | "noServer">> &
  ServerPolicy & { readonly server?: AnyHttpServer | undefined; readonly noServer?: boolean | undefined };

/**
 * Checks that options go together.
 *
 * @param options each of them checked
 * @throws TypeError naming the option that cannot be combined with the others
 */
export function checkAcceptorOptions(options: CheckedOptions): void {
  const { port, server, noServer, tls } = options;
  const modes = [port !== undefined, server !== undefined, noServer === true].filter((isGiven) => isGiven).length;
  if (modes !== 1) {
    const message = `give exactly one of port, server and noServer, not ${modes} of them`;
    throw wrongType("OPTION_INVALID", message);
  }
  const useless = port === undefined && LISTENING.find((name) => options[name] !== undefined);
  if (useless) {
    const advice = "give it to the http.Server or https.Server";
    throw wrongType("OPTION_INVALID", `${useless} goes with port, not with server or noServer: ${advice}`);
  }
  if (tls !== undefined) checkCertificate(tls, "tls");
  noteChecked(options);
}
