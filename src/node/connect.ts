import type { Connection } from "../connection/index.ts";
import { ConnectError } from "../errors.ts";
import { parseWebSocketUrl } from "../handshake/index.ts";
import { ConnectAttempt } from "./connect-attempt.ts";
import { type ConnectOptions, resolveConnectOptions } from "./connect-options.ts";

/**
 * Opens a WebSocket connection.
 *
 * @param url ws: or wss:, without a fragment
 * @returns the open connection; messages that arrive before somebody listens wait
 * @throws (as rejection) ConnectError with what was wrong: refused, a wrong response, time-out, abort; TypeError or
 *   RangeError for an option that is not valid
 */
export function connect(url: string | URL, options?: ConnectOptions): Promise<Connection>;
export async function connect(
  url: string | URL,
  given: ConnectOptions = {},
  ...further: unknown[]
): Promise<Connection> {
  const options = resolveConnectOptions(given, further);
  const target = parseWebSocketUrl(url);
  if (!(target instanceof URL)) throw new ConnectError(target, JSON.stringify(String(url)));
  return new Promise((fulfil, reject) => new ConnectAttempt(target, options, fulfil, reject).start());
}
