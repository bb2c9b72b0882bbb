/** Checks of the arguments of `createWebSocketStream()`. */
import {
  abortSignal,
  invalidArgument,
  invalidOption,
  type OptionsForm,
  type Rule,
  readOptions,
  rejectFurther,
  trueOrFalse,
  wholeNumber,
} from "../arguments/index.ts";
import { Connection } from "./connection.ts";

/** Options of a stream over a connection: those of node's Duplex, as far as they have a meaning here. */
export interface WebSocketDuplexOptions {
  /** Both of the next two. `false` by default: a stream of bytes. */
  readonly objectMode?: boolean | undefined;
  /** Whether each chunk that is read is one message: a string for text, a Buffer for binary. */
  readonly readableObjectMode?: boolean | undefined;
  /** Whether each chunk that is written is one message of any kind that `send()` takes, so that a string is text. */
  readonly writableObjectMode?: boolean | undefined;
  /** How much the stream holds, in bytes or in messages, for both directions or for one. */
  readonly highWaterMark?: number | undefined;
  readonly readableHighWaterMark?: number | undefined;
  readonly writableHighWaterMark?: number | undefined;
  /** Bytes are read as strings in this encoding. */
  readonly encoding?: BufferEncoding | undefined;
  /** `false`: a string that is written without another encoding is sent as text, and not as bytes. */
  readonly decodeStrings?: boolean | undefined;
  /** The encoding of strings that are written without one; "utf8" by default. */
  readonly defaultEncoding?: BufferEncoding | undefined;
  /** Whether `"close"` is emitted; `true` by default. */
  readonly emitClose?: boolean | undefined;
  /** Destroys the stream, and so ends the connection. */
  readonly signal?: AbortSignal | undefined;
  /** Has no effect: a WebSocket connection is never open in one direction only. */
  readonly allowHalfOpen?: boolean | undefined;
}

const anyAmount = wholeNumber(0, Number.MAX_SAFE_INTEGER);

const anEncoding: Rule<BufferEncoding> = (value, name) => {
  if (typeof value === "string" && Buffer.isEncoding(value)) return value;
  throw invalidOption(name, 'an encoding of node, such as "utf8"', value);
};

const OWN = "the stream reads from the connection and writes to it by itself";

const FORM = {
  owner: "createWebSocketStream()",
  rules: {
    objectMode: trueOrFalse,
    readableObjectMode: trueOrFalse,
    writableObjectMode: trueOrFalse,
    highWaterMark: anyAmount,
    readableHighWaterMark: anyAmount,
    writableHighWaterMark: anyAmount,
    encoding: anEncoding,
    decodeStrings: trueOrFalse,
    defaultEncoding: anEncoding,
    emitClose: trueOrFalse,
    signal: abortSignal,
    allowHalfOpen: trueOrFalse,
  } as const satisfies Record<keyof WebSocketDuplexOptions, Rule>,
  elsewhere: new Map([
    ...["read", "write", "writev", "final", "destroy", "construct"].map((name) => [name, OWN] as const),
    ["autoDestroy", "the stream is always destroyed at its end"],
  ]),
} satisfies OptionsForm<Record<string, Rule>>;

/** @throws TypeError or RangeError for anything but a connection and valid options */
export function duplexOptions(
  connection: unknown,
  given: WebSocketDuplexOptions,
  further: readonly unknown[],
): WebSocketDuplexOptions {
  if (!(connection instanceof Connection)) {
    throw invalidArgument("the connection for createWebSocketStream()", "a Connection", connection);
  }
  rejectFurther(further, "createWebSocketStream() takes a connection and options: no callback");
  return readOptions(given, FORM);
}
