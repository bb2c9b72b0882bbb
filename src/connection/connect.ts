import { setImmediate } from "node:timers";
import { invalidArgument } from "../arguments/index.ts";
import { parseWebSocketUrl, shownUrl } from "../handshake/websocket-url.ts";
import { ConnectError } from "../node/connect-error.ts";
import { Opening } from "../node/opening.ts";
import { type ConnectOptions, resolveConnectOptions } from "./connect-options.ts";
import { Connection, connectionListener } from "./connection.ts";

/**
 * Opens a WebSocket connection.
 *
 * @param url ws: or wss:, without a fragment
 * @returns the open connection; messages that arrive before somebody listens wait
 * @throws (as rejection) ConnectError with what was wrong: `code` is one of `ConnectErrorCode`; TypeError or RangeError
 *   for an option that is not valid, or for anything but a string or a URL
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { ConnectError, connect, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0, protocols: ["chat.v2"] });
 * await once(server, "listening");
 * const url = `ws://localhost:${server.address().port}`;
 *
 * const connection = await connect(url, { protocols: ["chat.v2", "chat.v1"], signal: AbortSignal.timeout(5_000) });
 * assert.equal(connection.protocol, "chat.v2");
 * await server.close();
 *
 * await assert.rejects(connect(url), (error) => error instanceof ConnectError && error.code === "CONNECTION_REFUSED");
 * ```
 */
export function connect(url: string | URL, options?: ConnectOptions): Promise<Connection>;
export async function connect(
  url: string | URL,
  given: ConnectOptions = {},
  ...further: unknown[]
): Promise<Connection> {
  const options = resolveConnectOptions(given, further);
  if (!isUrlOrText(url)) throw invalidArgument("the URL for connect()", "a string or a URL", url);
  const target = parseWebSocketUrl(url);
  if (!(target instanceof URL)) throw new ConnectError(target, shownUrl(url));
  return new Promise((resolve, reject) => {
    new Opening(target, options, connectionListener, {
      onOpen(endpoint, terms, rest) {
        resolve(new Connection(endpoint, terms, undefined));
        // Once listeners have been attached after the promise, so that not even a close is missed.
        setImmediate(() => endpoint.start(rest));
      },
      onFailed: reject,
    }).start();
  });
}

/** By its href, since a URL of another realm or of a package is not an instance of node's. */
function isUrlOrText(value: unknown): boolean {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && "href" in value && typeof value.href === "string";
}
