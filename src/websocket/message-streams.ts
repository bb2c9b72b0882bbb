import type { ConnectionError } from "../endpoint/connection-error.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointListener } from "../endpoint/endpoint-listener.ts";
import type { SendResult } from "../endpoint/sender.ts";
import { type CloseStatus, closeStatus, Opcode } from "../framing/index.ts";
import { closeStatusOf } from "./close-arguments.ts";
import { MessageSink } from "./message-sink.ts";
import { MessageSource } from "./message-source.ts";
import { STREAM_CHUNK, type StreamChunk } from "./stream-chunk.ts";
import { connectionEndedBy, WebSocketError } from "./websocket-error.ts";

/** How a connection has ended. */
export interface StreamsEnd {
  /** What the peer's Close frame said; 1006 if none came. */
  readonly status: CloseStatus;
  /** `null` if it was closed cleanly. */
  readonly failure: WebSocketError | null;
}

/** The listener of the endpoints of all streams. */
export let messageStreamsListener: EndpointListener<MessageStreams, StreamChunk>;

const NO_OPTIONS = Object.freeze({});
const NO_STATUS = closeStatus(undefined, "");

/**
 * An open connection as two streams. What happens to one of them closes the connection, and the end of the connection
 * closes or errors both.
 */
export class MessageStreams {
  readonly #endpoint: Endpoint<MessageStreams, StreamChunk>;
  readonly #source: MessageSource;
  readonly #sink: MessageSink;
  readonly #onEnd: (end: StreamsEnd) => void;
  #isClosedHere = false;
  #closed: { readonly status: CloseStatus; readonly error: ConnectionError | null } | null = null;

  static {
    messageStreamsListener = Object.freeze<EndpointListener<MessageStreams, StreamChunk>>({
      form: STREAM_CHUNK,
      onMessage: (streams, _opcode, chunk) => streams.#source.put(chunk),
      onPing: () => {},
      onPong: () => {},
      onDrain: (streams) => streams.#sink.onDrain(),
      onFailure: () => {},
      onOutputEnd: (streams) => streams.#onOutputEnd(),
      onDisconnected: (streams) => streams.#onDisconnected(),
      onInputEnd: (streams) => streams.#endOnceRead(),
      onClosed: (streams, status, error) => {
        streams.#closed = { status, error };
        streams.#endOnceRead();
      },
    });
  }

  /** @param onEnd called once, after the streams have been closed or errored */
  constructor(endpoint: Endpoint<MessageStreams, StreamChunk>, onEnd: (end: StreamsEnd) => void) {
    this.#endpoint = endpoint;
    this.#onEnd = onEnd;
    this.#source = new MessageSource(endpoint, (reason) => this.#closeBy(reason));
    this.#sink = new MessageSink({
      send: (chunk) => this.#send(chunk),
      isClosedHere: () => this.#isClosedHere,
      onClose: () => this.close(NO_STATUS),
      onAbort: (reason) => this.#closeBy(reason),
      onWaitForEnd: () => this.#onDisconnected(),
    });
    endpoint.attach(this);
  }

  get readable(): ReadableStream<StreamChunk> {
    return this.#source.stream;
  }

  get writable(): WritableStream<unknown> {
    return this.#sink.stream;
  }

  /** Starts the closing handshake, unless the connection is closing already. Messages that still arrive are dropped. */
  close(status: CloseStatus): void {
    this.#isClosedHere = true;
    this.#endpoint.close(status);
    // Otherwise the peer's Close frame would wait behind messages that nobody reads.
    this.#source.drop();
  }

  #send(chunk: StreamChunk): SendResult {
    if (typeof chunk === "string") return this.#endpoint.sendText(chunk, NO_OPTIONS);
    return this.#endpoint.sendBytes(Opcode.Binary, chunk, NO_OPTIONS);
  }

  /** Only a WebSocketError has a code and a reason to send, and that of an unclean end cannot be sent. */
  #closeBy(reason: unknown): void {
    this.close(reason instanceof WebSocketError ? sendableStatus(reason) : NO_STATUS);
  }

  #onOutputEnd(): void {
    const { phase } = this.#endpoint;
    if (phase === "closeAcknowledged") {
      this.#source.close();
      this.#sink.onClosedByPeer();
    } else if (phase === "closedByUs" && !this.#isClosedHere) {
      // By idleTimeout. Later, since messages may come at once, and the endpoint is in the middle of a step.
      process.nextTick(() => this.#source.drop());
    }
  }

  /**
   * What has arrived is still to be read, but whoever writes waits for the end. So nothing is held back: it is no more
   * than was read at once.
   */
  #onDisconnected(): void {
    if (this.#endpoint.phase === "disconnected" && this.#sink.isWaiting) this.#source.release();
  }

  #endOnceRead(): void {
    if (this.#closed === null || !this.#endpoint.isInputEnded) return;
    const { status, error } = this.#closed;
    const isClean = error === null && !this.#sink.hasUnsent;
    const failure = isClean ? null : uncleanEnd(status, error);
    // If the peer has closed, all of its messages have come, whatever became of ours.
    if (error === null) this.#source.close();
    else this.#source.error(failure);
    this.#sink.onEnd(failure);
    this.#onEnd({ status, failure });
  }
}

function sendableStatus({ closeCode, reason }: WebSocketError): CloseStatus {
  try {
    return closeStatusOf(closeCode ?? undefined, reason);
  } catch {
    return NO_STATUS;
  }
}

function uncleanEnd(status: CloseStatus, error: ConnectionError | null): WebSocketError {
  const detail = error?.message ?? "the peer has closed it before everything that was written had left";
  return connectionEndedBy(`the connection was not closed cleanly: ${detail}`, status, error ?? undefined);
}
