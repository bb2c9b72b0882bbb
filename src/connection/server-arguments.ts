/** Checks of the arguments of a server's constructor and methods. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  abortSignal,
  invalidArgument,
  type OptionsForm,
  type Rule,
  readOptions,
  rejectFurther,
  wholeNumber,
} from "../arguments/index.ts";
import { MAX_TIMEOUT } from "../endpoint/settings.ts";
import type { Patience } from "../node/shutdown.ts";

/** How a server closes. */
export interface CloseOptions {
  /** Milliseconds for the connections to close; 5,000 by default. */
  readonly timeout?: number | undefined;
  /** Ends the remaining connections at once when it is aborted, as at the end of the timeout. */
  readonly signal?: AbortSignal | undefined;
}

export const DEFAULT_PATIENCE: Patience = Object.freeze({ timeout: 5_000, signal: undefined });

const PROMISE = 'it takes no callback, but returns a promise and emits "close"';

const CLOSE = {
  owner: "server.close()",
  rules: { timeout: wholeNumber(0, MAX_TIMEOUT), signal: abortSignal } as const satisfies Record<
    keyof CloseOptions,
    Rule
  >,
  instead: (given) => {
    if (typeof given === "function") return PROMISE;
    return typeof given === "number" ? "use { timeout }" : undefined;
  },
} satisfies OptionsForm<Record<string, Rule>>;

/** @throws TypeError or RangeError for anything but valid options, such as a callback */
export function closingPatience(options: CloseOptions, further: readonly unknown[]): Patience {
  rejectFurther(further, `server.close() takes only options: ${PROMISE}`);
  return { ...DEFAULT_PATIENCE, ...readOptions(options, CLOSE) };
}

/** @throws TypeError for a second argument of `new WebSocketServer()` */
export function checkOnlyOptions(further: readonly unknown[]): void {
  rejectFurther(further, 'new WebSocketServer() takes only options, no callback: use server.on("listening", …)');
}

/** @throws TypeError for anything but the arguments of an http.Server's "upgrade" event, and for a callback */
export function checkUpgradeArguments(
  message: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  further: readonly unknown[],
): void {
  if (!Array.isArray(message?.rawHeaders)) {
    throw invalidArgument("the request for handleUpgrade()", "the IncomingMessage of an http.Server", message);
  }
  if (!isDuplex(socket)) {
    throw invalidArgument("the socket for handleUpgrade()", "the socket of the request, or another Duplex", socket);
  }
  if (!(head instanceof Uint8Array)) {
    throw invalidArgument("the head for handleUpgrade()", 'the Buffer that "upgrade" is emitted with', head);
  }
  rejectFurther(further, 'handleUpgrade() takes no callback: use the event "connection"');
}

const DUPLEX_METHODS = ["on", "off", "once", "write", "end", "pause", "resume", "destroy"] as const;

/** Checks the methods, since a Duplex of another stream library is not an instance of node's class. */
function isDuplex(value: Partial<Duplex> | null): boolean {
  if (typeof value !== "object" || value === null) return false;
  return DUPLEX_METHODS.every((method) => typeof value[method] === "function");
}
