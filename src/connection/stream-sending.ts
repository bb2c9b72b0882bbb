// Imported, not global: an application's fake timers must not stop a message.
import { setImmediate } from "node:timers";
import { invalidArgument, wrongType } from "../arguments/index.ts";
import { ConnectionError } from "../endpoint/connection-error.ts";
import { connectionLoss } from "../endpoint/connection-losses.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { FragmentListener, FragmentWriter } from "../endpoint/fragment-writer.ts";
import { CloseCode, type MessageOpcode, Opcode, Utf8Joiner, violation } from "../framing/index.ts";
import { watchAbort } from "../node/abort-watch.ts";
import { asBytes, type BinaryData } from "./payload.ts";
import type { SourceReader } from "./send-source.ts";
import type { StreamOptions } from "./stream-arguments.ts";

/** The most payload bytes of a fragment: between two of them, control frames pass and the transport is asked for room. */
const LONGEST_FRAGMENT = 65_536;
/** After so many bytes or pieces other work of the process has its turn, also if the source and the peer are always ready. */
const BYTES_IN_A_TURN = 1 << 20;
const PIECES_IN_A_TURN = 256;

const NOTHING = Buffer.alloc(0);

/** The connection fails with it: the peer must not take what it has got for the whole message. */
export const SOURCE_FAILED = violation(
  "SOURCE_FAILED",
  CloseCode.InternalError,
  "RFC 6455 section 7.4.1",
  "the source of a message that was sent in fragments failed, or was stopped, before its end",
);

const STREAM_CUT_OFF = connectionLoss(
  "STREAM_CUT_OFF",
  "RFC 6455 section 5.4",
  "the connection was closed before the whole message was sent",
);

type AnyEndpoint = Pick<Endpoint<never, never>, "openMessage" | "fail" | "firstError" | "settings">;

/** The error of a message that the connection's end has broken off. */
export function cutOffStream({ firstError }: Pick<AnyEndpoint, "firstError">): ConnectionError {
  return new ConnectionError(
    STREAM_CUT_OFF,
    firstError?.message ?? "",
    firstError === null ? {} : { cause: firstError },
  );
}

/** Sends one message from a source, in fragments and no faster than they leave. */
export class StreamSending implements FragmentListener {
  readonly #endpoint: AnyEndpoint;
  readonly #source: SourceReader;
  readonly #options: StreamOptions;
  readonly #text = new Utf8Joiner();
  #writer: FragmentWriter | null = null;
  #opcode: MessageOpcode | null;
  /** Bytes and pieces since other work had its turn. */
  #bytes = 0;
  #pieces = 0;
  #isOver = false;
  #wake: (() => void) | null = null;
  #unwatch: (() => void) | null = null;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor(endpoint: AnyEndpoint, source: SourceReader, options: StreamOptions) {
    this.#endpoint = endpoint;
    this.#source = source;
    this.#options = options;
    this.#opcode = options.type === undefined ? null : options.type === "text" ? Opcode.Text : Opcode.Binary;
  }

  /** Takes its place among the messages at once. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#begin();
    });
  }

  onRoom(): void {
    this.#wake?.();
    this.#wake = null;
  }

  onLeft(): void {
    this.#finish();
    this.#resolve();
  }

  onCancelled(): void {
    this.#stop(cutOffStream(this.#endpoint));
  }

  #begin(): void {
    const { signal, compress } = this.#options;
    if (signal?.aborted === true) {
      this.#stop(signal.reason);
      return;
    }
    this.#writer = this.#endpoint.openMessage({ compress }, this);
    if (this.#writer === null) {
      this.#stop(cutOffStream(this.#endpoint));
      return;
    }
    if (signal !== undefined) this.#unwatch = watchAbort(signal, () => this.#onAbort(signal.reason));
    void this.#pump(this.#writer);
  }

  async #pump(writer: FragmentWriter): Promise<void> {
    try {
      await this.#room(writer);
      while (!this.#isOver) {
        const { done, value } = await this.#source.next();
        if (this.#isOver) return;
        if (done === true) break;
        await this.#write(writer, this.#bytesOf(value));
        await this.#otherWork();
      }
      await this.#writeEnd(writer);
    } catch (error) {
      this.#onFailed(error);
    }
  }

  /** A long piece becomes several fragments. */
  async #write(writer: FragmentWriter, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length && !this.#isOver; at += LONGEST_FRAGMENT) {
      await this.#put(writer, bytes.subarray(at, at + LONGEST_FRAGMENT), false);
      await this.#room(writer);
    }
    this.#bytes += bytes.length;
    this.#pieces++;
  }

  async #writeEnd(writer: FragmentWriter): Promise<void> {
    const rest = this.#opcode === Opcode.Text ? this.#text.end() : NOTHING;
    if (rest === null) throw notUtf8();
    if (!this.#isOver) await this.#put(writer, rest, true);
  }

  async #put(writer: FragmentWriter, bytes: Uint8Array, final: boolean): Promise<void> {
    const isAccepted = writer.write(this.#opcode ?? Opcode.Binary, bytes, final);
    if (typeof isAccepted === "boolean" ? isAccepted : await isAccepted) return;
    writer.withdraw();
    this.#stop(tooLongToCollect(this.#endpoint.settings.maxBufferedAmount));
  }

  /** The first piece says what kind of message it is, if the options do not. */
  #bytesOf(piece: unknown): Uint8Array {
    const isText = typeof piece === "string";
    this.#opcode ??= isText ? Opcode.Text : Opcode.Binary;
    if (this.#opcode === Opcode.Binary) {
      if (isText) throw invalidArgument("each piece of a binary message", "bytes", piece, 'use { type: "text" }');
      return asBytes(piece as BinaryData);
    }
    const bytes = this.#text.push(isText ? piece : asBytes(piece as BinaryData));
    if (bytes === null) throw notUtf8();
    return bytes;
  }

  /** Waits for its turn, and until the transport has taken enough. */
  #room(writer: FragmentWriter): Promise<void> | undefined {
    if (writer.hasRoom || this.#isOver) return undefined;
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #otherWork(): Promise<void> {
    if (this.#bytes < BYTES_IN_A_TURN && this.#pieces < PIECES_IN_A_TURN) return;
    this.#bytes = 0;
    this.#pieces = 0;
    await new Promise<void>((resolve) => void setImmediate(resolve));
  }

  /** A message that has begun cannot be taken back: the connection fails. One that was written needs nothing more. */
  #onAbort(reason: unknown): void {
    const writer = this.#writer;
    this.#stop(reason);
    if (writer?.isBegun !== true) writer?.withdraw();
    else if (!writer.isWritten) this.#endpoint.fail(SOURCE_FAILED, reason);
  }

  #onFailed(cause: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#source.cancel(cause);
    this.#endpoint.fail(SOURCE_FAILED, cause);
    this.#reject(this.#endpoint.firstError ?? cause);
  }

  #stop(error: unknown): void {
    if (this.#isOver) return;
    this.#finish();
    this.#source.cancel(error);
    this.#reject(error);
  }

  #finish(): void {
    this.#isOver = true;
    this.#unwatch?.();
    this.#wake?.();
    this.#wake = null;
  }
}

function notUtf8(): TypeError {
  const message = 'a text message must be valid UTF-8, over all of its pieces: use { type: "binary" } for other bytes';
  return wrongType("ARGUMENT_INVALID", message);
}

function tooLongToCollect(limit: number): RangeError {
  const reason = "extensions of this connection encode whole messages only";
  return new RangeError(`the message is longer than maxBufferedAmount (${limit} bytes), and ${reason}`);
}
