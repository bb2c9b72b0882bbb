/** Checks of the arguments of `sendStream()`. */
import {
  abortSignal,
  type OptionsForm,
  oneOf,
  type Rule,
  readOptions,
  rejectFurther,
  trueOrFalse,
} from "../arguments/index.ts";
import type { SendOptions } from "../extensions/index.ts";

/** How `sendStream()` sends a message. */
export interface StreamOptions extends SendOptions {
  /** The type of the message; by its first piece if nothing is said: text for a string, binary for bytes. */
  readonly type?: "text" | "binary" | undefined;
  /** Stops the message, and rejects the promise with its reason. If the message has begun, the connection fails. */
  readonly signal?: AbortSignal | undefined;
}

const PROMISE = "it returns a promise, and takes no callback";

const FORM = {
  owner: "sendStream()",
  rules: { type: oneOf("text", "binary"), compress: trueOrFalse, signal: abortSignal } as const satisfies Record<
    keyof StreamOptions,
    Rule
  >,
  elsewhere: new Map([
    ["binary", 'use type: "text" or type: "binary"'],
    ["mask", "a client always masks, a server never does"],
    ["fin", "the end of the source is the end of the message"],
  ]),
  instead: (given: unknown) => {
    if (typeof given === "function") return PROMISE;
    return given === "text" || given === "binary" ? "use { type }" : undefined;
  },
} satisfies OptionsForm<Record<string, Rule>>;

/** @throws TypeError for anything but options, and for a callback */
export function streamOptions(options: unknown, further: readonly unknown[]): StreamOptions {
  rejectFurther(further, `sendStream() takes a source and options: ${PROMISE}`);
  return readOptions(options, FORM);
}
