import { type OptionsForm, readOptions } from "../arguments/index.ts";
import { ACCEPTOR_RULES, type AcceptorOptions, checkAcceptorOptions } from "../node/acceptor-options.ts";
import { isHttpServer } from "../node/http-server-option.ts";
import { FOREIGN_TO_SERVER } from "./foreign-options.ts";

/** Options of `WebSocketServer`: exactly one of `port`, `server` and `noServer`, and those of all servers. */
export type WebSocketServerOptions<Auth = unknown> = AcceptorOptions<Auth>;

const FORM = {
  owner: "WebSocketServer",
  rules: ACCEPTOR_RULES,
  elsewhere: FOREIGN_TO_SERVER,
  instead: (given) => {
    if (typeof given === "number") return "use { port }";
    if (isHttpServer(given)) return "use { server }";
    return given === undefined ? "give one of port, server and noServer" : undefined;
  },
} satisfies OptionsForm<typeof ACCEPTOR_RULES>;

/**
 * Checks the options of a server.
 *
 * @returns a copy that cannot change any more
 * @throws TypeError or RangeError naming the option that is invalid, unknown, or cannot be combined with the others
 */
export function resolveServerOptions<Auth>(given: WebSocketServerOptions<Auth>): WebSocketServerOptions<Auth> {
  const options = readOptions(given, FORM);
  checkAcceptorOptions(options);
  // The compiler cannot see that one of port, server and noServer is given, and what authenticate returns.
  return options as unknown as WebSocketServerOptions<Auth>;
}
