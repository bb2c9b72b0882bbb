import { shown } from "../arguments/index.ts";
import type { MessagePipeline, PieceEncoder, SendOptions } from "../extensions/index.ts";
import { FIN_BIT, type MessageOpcode, Opcode } from "../framing/index.ts";

/** The owner of a message that is sent in fragments. */
export interface FragmentListener {
  /** More of the message may be written. */
  onRoom(): void;
  /** Everything up to the end of the message has left this process. */
  onLeft(): void;
  /** The message cannot be sent to its end: nothing can be sent any more. */
  onCancelled(): void;
}

/** What the messages of an endpoint in fragments are written to. */
export interface FragmentOutput {
  readonly pipeline: MessagePipeline | null;
  /** Whether fewer bytes wait than `highWaterMark`. */
  readonly hasRoom: boolean;
  /** The most bytes of a message that may be collected. */
  readonly maxCollected: number;
  /** @param first FIN, RSV1-3 and the opcode. @param payload is copied */
  addFragment(first: number, payload: Uint8Array): void;
  /** Sends a message through extensions that need it as a whole. */
  sendWhole(opcode: MessageOpcode, payload: Buffer, options: SendOptions): void;
  onEncodingFailed(error: unknown): void;
  /** The writer has written the end of its message. */
  onWritten(writer: FragmentWriter): void;
  /** The writer does not want its turn any more. */
  onWithdrawn(writer: FragmentWriter): void;
}

type State =
  /** Other messages come before it. */
  | "waiting"
  | "open"
  /** Its end was written. */
  | "written"
  | "left"
  | "cancelled";

/**
 * Writes one message in fragments (RFC 6455 section 5.4), encoded as it comes. Control frames pass between its fragments;
 * other messages wait until its end.
 */
export class FragmentWriter {
  readonly listener: FragmentListener;
  readonly #output: FragmentOutput;
  readonly #options: SendOptions;
  #state: State = "waiting";
  #isBegun = false;
  #encoder: PieceEncoder | null = null;
  #collected: Buffer[] | null = null;
  #collectedBytes = 0;

  constructor(output: FragmentOutput, options: SendOptions, listener: FragmentListener) {
    this.#output = output;
    this.#options = options;
    this.listener = listener;
  }

  /** Whether more may be written for now. */
  get hasRoom(): boolean {
    return this.#state === "open" && this.#output.hasRoom;
  }

  /** Whether the peer may have seen the beginning of the message. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Whether the end of the message was written. */
  get isWritten(): boolean {
    return this.#state === "written" || this.#state === "left";
  }

  /** Bytes that wait for the end of the message, since extensions need it as a whole. */
  get collectedBytes(): number {
    return this.#collectedBytes;
  }

  /** The message has its turn. */
  open(): void {
    if (this.#state !== "waiting") return;
    this.#state = "open";
    this.listener.onRoom();
  }

  /**
   * Writes a part of the message, as one fragment. The next call comes when this one is done.
   *
   * @param payload must not change until then; empty only if it is the last part
   * @returns `false` if extensions need the message as a whole, and it is longer than `maxBufferedAmount`: nothing was sent
   */
  write(opcode: MessageOpcode, payload: Uint8Array, final: boolean): boolean | Promise<boolean> {
    if (this.#state !== "open") return true;
    const { pipeline } = this.#output;
    if (pipeline?.encodesWhole === true) return this.#collect(opcode, payload, final);
    if (!this.#isBegun && payload.length > 0 && !this.#beginEncoding(opcode)) return true;
    const encoder = this.#encoder;
    if (encoder !== null) return this.#encode(encoder, opcode, payload, final);
    this.#add(opcode, 0, payload, final);
    return true;
  }

  /** The application does not want to send the message any more; to be called before it has begun. */
  withdraw(): void {
    if (this.#state !== "waiting" && this.#state !== "open") return;
    this.#state = "cancelled";
    this.#closeEncoder();
    this.#output.onWithdrawn(this);
  }

  /** Nothing can be sent any more. */
  cancel(): void {
    if (this.#state === "left" || this.#state === "cancelled") return;
    this.#state = "cancelled";
    this.#closeEncoder();
    this.listener.onCancelled();
  }

  /** Everything up to its end has left. */
  onLeft(): void {
    this.#state = "left";
    this.listener.onLeft();
  }

  /** @returns whether the extension could begin */
  #beginEncoding(opcode: MessageOpcode): boolean {
    try {
      this.#encoder = this.#output.pipeline?.encodePieces(opcode, this.#options) ?? null;
      return true;
    } catch (error) {
      this.#output.onEncodingFailed(error);
      return false;
    }
  }

  #closeEncoder(): void {
    try {
      this.#encoder?.close();
    } catch {
      // Nothing more is encoded: an exception must not stop what ends the connection.
    }
  }

  async #encode(encoder: PieceEncoder, opcode: MessageOpcode, payload: Uint8Array, final: boolean): Promise<true> {
    try {
      const encoded = await encoder.encode(payload, final);
      checkFragment(encoded);
      if (this.#state === "open") this.#add(opcode, this.#output.pipeline?.rsv ?? 0, encoded, final);
      if (final) this.#closeEncoder();
    } catch (error) {
      if (this.#state === "open") this.#output.onEncodingFailed(error);
    }
    return true;
  }

  /** RFC 7692 section 6.1: the reserved bit is set on the first fragment, and on no other. */
  #add(opcode: MessageOpcode, rsv: number, payload: Uint8Array, final: boolean): void {
    const first = (final ? FIN_BIT : 0) | (this.#isBegun ? Opcode.Continuation : rsv | opcode);
    this.#isBegun = true;
    if (final) this.#state = "written";
    this.#output.addFragment(first, payload);
    if (final) this.#output.onWritten(this);
  }

  #collect(opcode: MessageOpcode, payload: Uint8Array, final: boolean): boolean {
    this.#collected ??= [];
    this.#collected.push(Buffer.from(payload));
    this.#collectedBytes += payload.length;
    if (this.#collectedBytes > this.#output.maxCollected) {
      this.#collected = null;
      return false;
    }
    if (!final) return true;
    const whole = Buffer.concat(this.#collected);
    this.#collected = null;
    this.#collectedBytes = 0;
    this.#isBegun = true;
    this.#state = "written";
    this.#output.sendWhole(opcode, whole, this.#options);
    this.#output.onWritten(this);
    return true;
  }
}

function checkFragment(encoded: unknown): void {
  if (encoded instanceof Uint8Array) return;
  throw new TypeError(`encode() of an extension's PieceEncoder must return a Uint8Array, not ${shown(encoded)}`);
}
