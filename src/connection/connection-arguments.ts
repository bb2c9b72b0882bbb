/** Checks of the arguments of a connection's constructor and methods, other than the data. */
import {
  type ArgumentError,
  abortSignal,
  type OptionsForm,
  type Rule,
  readOptions,
  rejectFurther,
  trueOrFalse,
  wrongType,
} from "../arguments/index.ts";
import type { SendOptions } from "../extensions/index.ts";

const RULES = { compress: trueOrFalse } as const satisfies Record<keyof SendOptions, Rule>;

const BY_TYPE = "a string is sent as text, bytes are sent as binary";
const PREPARES_AT_ONCE = "prepare() returns at once, and takes no callback";
const NO_CALLBACK = 'send() takes no callback: it returns false if you should wait for "drain"';

const ELSEWHERE = new Map([
  ["binary", BY_TYPE],
  ["type", BY_TYPE],
  ["mask", "a client always masks, a server never does"],
  ["fin", "every call sends a whole message"],
]);

function form(owner: string, noCallback: string): OptionsForm<typeof RULES> {
  const instead = (given: unknown) => {
    if (typeof given === "function") return noCallback;
    return typeof given === "boolean" ? "use { compress }" : undefined;
  };
  return { owner, rules: RULES, elsewhere: ELSEWHERE, instead };
}

const SEND = form("send()", NO_CALLBACK);
const PREPARE = form("prepare()", PREPARES_AT_ONCE);

/** The length of the message decides whether it is compressed. */
export const NO_OPTIONS: SendOptions = Object.freeze({});
const COMPRESSED: SendOptions = Object.freeze({ compress: true });
const PLAIN: SendOptions = Object.freeze({ compress: false });

/**
 * Reads the options of `send()` at once: a message may have to wait, and the application may change its object meanwhile.
 * If the object cannot be read, this throws in the call of `send()`, and not when the message is encoded.
 *
 * @throws TypeError for anything but options, and for a callback
 */
export function sendOptions(given: unknown, callback: unknown): SendOptions {
  const { compress } = isAsUsual(given) ? given : readOptions(given, SEND);
  if (callback !== undefined) throw wrongType("ARGUMENT_INVALID", NO_CALLBACK);
  if (compress === undefined) return NO_OPTIONS;
  return compress ? COMPRESSED : PLAIN;
}

/** Whether it is a plain `{ compress }`, which may come with every message: `readOptions` takes 0.2 µs. */
function isAsUsual(options: unknown): options is SendOptions {
  if (typeof options !== "object" || options === null) return false;
  if (Object.getPrototypeOf(options) !== Object.prototype) return false;
  for (const name in options) {
    if (name !== "compress") return false;
  }
  const { compress } = options as SendOptions;
  return compress === undefined || typeof compress === "boolean";
}

/** @throws TypeError for anything but options, and for a callback */
export function prepareOptions(options: unknown, further: readonly unknown[]): SendOptions {
  rejectFurther(further, PREPARES_AT_ONCE);
  return readOptions(options, PREPARE);
}

/** How long to wait. */
export interface WaitOptions {
  /** Ends the wait: the promise is rejected with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

const PROMISE = "it returns a promise, and takes no callback";

const DRAINED = {
  owner: "drained()",
  rules: { signal: abortSignal } as const satisfies Record<keyof WaitOptions, Rule>,
  elsewhere: new Map([["timeout", "use signal: AbortSignal.timeout(milliseconds)"]]),
  instead: (given: unknown) => {
    if (given instanceof AbortSignal) return "use { signal }";
    return typeof given === "function" ? PROMISE : undefined;
  },
} satisfies OptionsForm<Record<string, Rule>>;

/** @throws TypeError for anything but options, and for a callback */
export function drainedOptions(options: unknown, further: readonly unknown[]): WaitOptions {
  rejectFurther(further, `drained() takes only options: ${PROMISE}`);
  return readOptions(options, DRAINED);
}

/** @throws TypeError for an argument after the payload, such as a mask or a callback */
export function checkControlArguments(method: "ping" | "pong", further: readonly unknown[]): void {
  rejectFurther(further, `${method}() takes only a payload: no mask, and no callback, since "pong" is emitted`);
}

/** @throws TypeError for an argument after the reason, such as a callback */
export function checkCloseArguments(further: readonly unknown[]): void {
  rejectFurther(further, 'close() takes only a code and a reason, and no callback: "close" is emitted');
}

/** The error of `new Connection()` in an application. */
export function madeByApplication(): ArgumentError {
  const message = "connections are not made by new Connection(): connect() and WebSocketServer make them";
  return wrongType("ARGUMENT_INVALID", message);
}
