import type { Endpoint } from "../endpoint/endpoint.ts";
import type { SendResult } from "../endpoint/sender.ts";
import { CloseCode, type CloseStatus, Opcode, violation } from "../framing/index.ts";
import { BlobOrder, type BlobOrderListener } from "./blob-order.ts";
import { BufferedAmount } from "./buffered-amount.ts";
import { byteLengthOf, type OutgoingData } from "./outgoing-data.ts";
import { currentTurn } from "./turn.ts";

const NO_OPTIONS = Object.freeze({});

const BLOB_UNREADABLE = violation(
  "BLOB_UNREADABLE",
  CloseCode.InternalError,
  "RFC 6455 section 7.4.1",
  "a Blob that was to be sent cannot be read",
);

/** The part of an endpoint that sends. */
export type SendingEndpoint = Pick<
  Endpoint<never, never>,
  "phase" | "sentBytes" | "bufferedAmount" | "sendText" | "sendBytes" | "close" | "fail"
>;

/** The sending way of a socket: its messages in their order, and how much of them waits. */
export class MessageSender implements BlobOrderListener {
  readonly #buffered = new BufferedAmount();
  /** While the connection is established. */
  #endpoint: SendingEndpoint | null = null;
  /** Made with the first Blob that is sent. */
  #blobs: BlobOrder | null = null;
  /** The turn in which `#buffered` was settled last. */
  #settledIn = -1;

  /** Whether no message waits behind a Blob. */
  get isIdle(): boolean {
    return this.#blobs === null || this.#blobs.isIdle;
  }

  /** `bufferedAmount` of the WHATWG standard. */
  get bufferedAmount(): number {
    this.#settle();
    return this.#buffered.value;
  }

  /** The connection is established. */
  start(endpoint: SendingEndpoint): void {
    this.#endpoint = endpoint;
  }

  /**
   * Sends a message, unless nothing can be sent any more: it is counted all the same. Bytes are copied.
   *
   * @param isOpen whether the socket is still open
   */
  send(data: OutgoingData, isOpen: boolean): void {
    const size = byteLengthOf(data);
    if (!isOpen || this.#endpoint?.phase !== "open") {
      this.#buffered.addLost(size);
      return;
    }
    this.#settle();
    this.#buffered.add(size);
    if (!this.isIdle) this.#blobs?.put(data instanceof Uint8Array ? data.slice() : data);
    else if (typeof data === "string") this.sendText(data);
    else if (data instanceof Uint8Array) this.sendBytes(data);
    else this.#read(data);
  }

  /** Starts the closing handshake after the messages that were sent. */
  close(status: CloseStatus): void {
    const endpoint = this.#endpoint;
    if (this.isIdle) endpoint?.close(status);
    else this.#blobs?.put(() => endpoint?.close(status));
  }

  /** Everything that was passed to the endpoint has left. */
  onDrained(): void {
    this.#buffered.onAllLeft();
  }

  /** The connection has ended. @param isClean whether the peer has answered what was sent */
  end(isClean: boolean): void {
    this.#blobs?.discard();
    if (isClean && this.#endpoint !== null) this.#buffered.settle(this.#endpoint.sentBytes);
    this.#endpoint = null;
  }

  sendText(text: string): void {
    const endpoint = this.#endpoint;
    if (endpoint !== null) this.#place(endpoint, endpoint.sendText(text, NO_OPTIONS));
  }

  sendBytes(bytes: Uint8Array): void {
    const endpoint = this.#endpoint;
    if (endpoint !== null) this.#place(endpoint, endpoint.sendBytes(Opcode.Binary, bytes, NO_OPTIONS));
  }

  onUnreadable(error: unknown): void {
    this.#endpoint?.fail(BLOB_UNREADABLE, error);
  }

  #read(blob: Blob): void {
    this.#blobs ??= new BlobOrder(this);
    this.#blobs.put(blob);
  }

  #place(endpoint: SendingEndpoint, result: SendResult): void {
    if (result !== "closed") this.#buffered.place(endpoint.sentBytes + endpoint.bufferedAmount);
  }

  /** The amount is that of the end of the last turn, and what was sent in this one. */
  #settle(): void {
    if (this.#endpoint === null) return;
    const turn = currentTurn();
    if (turn === this.#settledIn) return;
    this.#settledIn = turn;
    this.#buffered.settle(this.#endpoint.sentBytes);
  }
}
