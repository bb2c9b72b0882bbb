import type { TlsOptions } from "node:tls";
import type { ConnectionOptions } from "../connection/index.ts";
import type { RefusalError } from "../errors.ts";
import { headLimit } from "../handshake/head-limits.ts";
import type { ExtraHeaders, HeadLimits, OriginPolicy, SubprotocolPolicy } from "../handshake/index.ts";
import type { ExtensionOptions } from "./extension-options.ts";
import type { AnyHttpServer } from "./http-attachment.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** What `authenticate` may give: nothing or `false` refuses with 401, a `RefusalError` as it says. */
export type Authentication<Auth> = Auth | RefusalError | null | undefined | false;

/** How requests are judged, and with what connections begin. */
export interface HandshakeOptions<Auth = unknown> extends ConnectionOptions, ExtensionOptions, Partial<HeadLimits> {
  /** The path that is served, without a query, or a function that says which are; all by default. */
  path?: string | ((path: string) => boolean) | undefined;
  /**
   * The web pages that may connect, by their `Origin`: a list of origins such as "https://example.com", a function,
   * or "*" for all. By default those whose host name is that of the server, so that no foreign page can use a
   * visitor's cookies (cross-site WebSocket hijacking). Requests without an `Origin` come from no browser and are
   * let through: `authenticate` judges them.
   */
  origins?: OriginPolicy | undefined;
  /** The subprotocols that are spoken here, or a function that chooses among those offered. */
  protocols?: SubprotocolPolicy | undefined;
  /**
   * Says who connects. What it returns or resolves to is the connection's `auth`. Nothing or `false` refuses with
   * 401, a returned or thrown `RefusalError` as it says; any other exception refuses with 500. A promise that has not
   * settled within `handshakeTimeout` refuses with 503 (`AUTHENTICATION_TIMEOUT`).
   */
  authenticate?: ((request: UpgradeRequest) => Authentication<Auth> | Promise<Authentication<Auth>>) | undefined;
  /** Header fields for the 101 response, such as `Set-Cookie`. */
  headers?: ((request: UpgradeRequest, auth: Auth) => ExtraHeaders) | undefined;
  /**
   * Milliseconds from the accepted socket, or the upgrade, to the 101 response; 10,000 by default. On a port of the
   * server's own, the TLS handshake has the same time before that.
   */
  handshakeTimeout?: number | undefined;
}

/** A server of its own on raw sockets. */
export interface ListenOptions {
  /** The port to listen on; 0 for any free one. */
  port: number;
  /** The address to listen on; all of the machine's by default. */
  host?: string | undefined;
  /** The length of the system's queue of connections that wait to be accepted. */
  backlog?: number | undefined;
  /** `key`, `cert` and what else `tls.createServer` takes: the server then speaks wss. */
  tls?: TlsOptions | undefined;
  server?: undefined;
  noServer?: undefined;
}

/** A server beside what an HTTP server does already. */
export interface AttachOptions {
  server: AnyHttpServer;
  port?: undefined;
  noServer?: undefined;
}

/** A server that is fed by `handleUpgrade`. */
export interface NoServerOptions {
  noServer: true;
  port?: undefined;
  server?: undefined;
}

export type WebSocketServerOptions<Auth = unknown> = HandshakeOptions<Auth> &
  (ListenOptions | AttachOptions | NoServerOptions);

/** @throws TypeError or RangeError naming the option that is not valid */
export function checkServerOptions<Auth>(options: WebSocketServerOptions<Auth>): void {
  const { port, server, noServer, path, origins, protocols, authenticate, headers } = options;
  const modes = [port !== undefined, server !== undefined, noServer === true].filter((given) => given).length;
  if (modes !== 1) throw new TypeError(`give exactly one of port, server and noServer, not ${modes} of them`);
  const isPath = typeof path === "string" && path.startsWith("/");
  expect("path", path, isPath || isFunction(path), 'a string that begins with "/", or a function');
  expect("origins", origins, origins === "*" || isList(origins) || isFunction(origins), '"*", a list or a function');
  expect("protocols", protocols, isList(protocols) || isFunction(protocols), "a list or a function");
  expect("authenticate", authenticate, isFunction(authenticate), "a function");
  expect("headers", headers, isFunction(headers), "a function");
  headLimit(options, "maxHeadBytes");
  headLimit(options, "maxHeaders");
}

function expect(name: string, value: unknown, isValid: boolean, what: string): void {
  if (value !== undefined && !isValid) throw new TypeError(`${name} must be ${what}`);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

/** A string has includes(), too: it would find subprotocols that are parts of others. */
function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
