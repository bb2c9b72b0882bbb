import type { ConnectionError } from "../endpoint/connection-error.ts";
import { ConnectionLosses } from "../endpoint/connection-losses.ts";
import type { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointListener } from "../endpoint/endpoint-listener.ts";
import type { Terms } from "../endpoint/terms.ts";
import { ENTRY_COST, Fifo } from "../fifo.ts";
import { ABNORMAL_CLOSURE, type CloseStatus, NO_STATUS } from "../framing/index.ts";
import { Opening, type OpeningListener } from "../node/opening.ts";
import type { OpeningOptions } from "../node/opening-options.ts";
import { type CollectionListener, isAudible, unwatchCollection, watchCollection } from "./collection.ts";
import { closeEvent, errorEvent, openEvent } from "./fired-events.ts";
import { Hold } from "./hold.ts";
import { type BinaryType, receivedMessage } from "./message-event.ts";
import { STRING_OR_ARRAY } from "./message-form.ts";
import { MessageSender } from "./message-sender.ts";
import type { OutgoingData } from "./outgoing-data.ts";
import { ReadyState } from "./ready-state.ts";
import { queueTask, type TaskHolder } from "./task-source.ts";

/** What a received message consists of until its task runs. */
type Content = string | Uint8Array;

type Task = Content | (() => void);

/** How the connection ended. */
interface Ending {
  readonly status: CloseStatus;
  readonly error: Error | null;
}

const WITHOUT_STATUS: CloseStatus = Object.freeze({ code: NO_STATUS, reason: "" });
const ABNORMAL: CloseStatus = Object.freeze({ code: ABNORMAL_CLOSURE, reason: "" });

const nothing = () => {};

const listener: EndpointListener<SocketState, Content> = Object.freeze({
  form: STRING_OR_ARRAY,
  onMessage: (state: SocketState, _opcode: unknown, content: Content) => state.onMessage(content),
  onPing: nothing,
  onPong: nothing,
  onDrain: (state: SocketState) => state.onDrained(),
  onFailure: nothing,
  onOutputEnd: (state: SocketState) => state.onOutputEnd(),
  onDisconnected: nothing,
  onInputEnd: (state: SocketState) => state.onInputEnd(),
  onClosed: (state: SocketState, status: CloseStatus, error: ConnectionError | null) => state.onClosed(status, error),
});

// A method that every target inherits: an application may have one of the same name.
const { dispatchEvent } = EventTarget.prototype;

/**
 * The inside of a `WebSocket`: its ready state and its tasks ("Feedback from the protocol" in the WHATWG standard). The
 * engine holds this, and this holds the socket only as long as the standard demands ("Garbage collection").
 */
export class SocketState implements TaskHolder, CollectionListener, OpeningListener<SocketState, Content> {
  readonly url: URL;
  readonly #origin: string;
  readonly #hold: Hold<EventTarget>;
  /** Until the connection is open or has failed. */
  #opening: Opening<SocketState, Content> | null;
  #endpoint: Endpoint<SocketState, Content> | null = null;
  #readyState: ReadyState = ReadyState.CONNECTING;
  #protocol = "";
  #extensions = "";
  binaryType: BinaryType = "blob";

  readonly #tasks = new Fifo<Task>();
  /** The length of the messages among the tasks, with a charge for each. */
  #queuedAmount = 0;
  #isPaused = false;

  readonly #sender = new MessageSender();

  #ending: Ending | null = null;
  /** Whether a listener may have been removed after its first event, without a call. */
  #hasPassingListeners = false;
  /** The socket was collected before it was open. */
  #isAbandoned = false;

  /** @param options checked options */
  constructor(socket: EventTarget, url: URL, options: OpeningOptions) {
    this.url = url;
    this.#origin = url.origin;
    this.#hold = new Hold(socket);
    // A high-water mark of one byte: the engine reports each time that everything has left.
    const { maxBufferedAmount = Number.MAX_SAFE_INTEGER } = options;
    const own = { highWaterMark: 1, maxBufferedAmount, overflow: "close", needsSubprotocol: true } as const;
    const opening = new Opening(url, { ...options, ...own }, listener, this);
    this.#opening = opening;
    watchCollection(socket, this);
    opening.start();
  }

  get readyState(): ReadyState {
    return this.#readyState;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get extensions(): string {
    return this.#extensions;
  }

  get bufferedAmount(): number {
    return this.#sender.bufferedAmount;
  }

  /** Step 2 of `send()`. Bytes are copied. */
  send(data: OutgoingData): void {
    const isOpen = this.#readyState === ReadyState.OPEN;
    // Before it is sent: it may leave within the call.
    if (isOpen) this.#hold.set("sending", true);
    this.#sender.send(data, isOpen);
  }

  /** Step 3 of `close()`. */
  close(status: CloseStatus): void {
    if (this.#readyState >= ReadyState.CLOSING) return;
    this.#readyState = ReadyState.CLOSING;
    this.review();
    if (this.#endpoint !== null) this.#sender.close(status);
    else this.#opening?.cancel("close() was called before the connection was established");
  }

  /** A listener was added or removed, or the ready state has changed. */
  review(): void {
    const socket = this.#hold.target;
    // After the end the close event may still be due, and releases the socket itself.
    if (socket === undefined || this.#readyState === ReadyState.CLOSED) return;
    this.#hold.set("listeners", isAudible(socket, this.#readyState));
  }

  /** A listener was added that is removed after its first event. */
  onPassingListener(): void {
    this.#hasPassingListeners = true;
  }

  runTask(): void {
    const task = this.#tasks.take();
    if (task === undefined) return;
    const isLast = this.#tasks.isEmpty;
    // What listeners send in consecutive tasks leaves in one write.
    if (!isLast) this.#endpoint?.cork();
    try {
      if (typeof task === "function") task();
      else this.#fireMessage(task);
    } finally {
      if (isLast) this.#onTasksDone();
    }
  }

  onOpen(endpoint: Endpoint<SocketState, Content>, terms: Terms, rest: Buffer): void {
    this.#opening = null;
    this.#endpoint = endpoint;
    this.#sender.start(endpoint);
    endpoint.attach(this);
    this.#queue(() => this.#open(terms));
    endpoint.start(rest);
    if (this.#isAbandoned) this.close(WITHOUT_STATUS);
  }

  onFailed(error: Error): void {
    this.#opening = null;
    this.#queue(() => this.#end({ status: ABNORMAL, error }));
  }

  onMessage(content: Content): void {
    // Its task would do nothing: a socket that is closing never opens again.
    if (this.#readyState >= ReadyState.CLOSING) return;
    this.#queuedAmount += content.length + ENTRY_COST;
    this.#queue(content);
    const endpoint = this.#endpoint;
    if (this.#isPaused || endpoint === null || this.#queuedAmount <= endpoint.settings.maxQueuedAmount) return;
    this.#isPaused = true;
    endpoint.pause();
  }

  onDrained(): void {
    this.#sender.onDrained();
    if (this.#sender.isIdle) this.#hold.set("sending", false);
  }

  /** "When the WebSocket closing handshake is started": if the transport is gone, only the close task follows. */
  onOutputEnd(): void {
    const phase = this.#endpoint?.phase;
    if (phase === "closed" || phase === "disconnected" || this.#readyState >= ReadyState.CLOSING) return;
    this.#queue(() => {
      this.#readyState = ReadyState.CLOSING;
      this.review();
    });
  }

  onInputEnd(): void {
    this.#queueEnd();
  }

  onClosed(status: CloseStatus, error: ConnectionError | null): void {
    this.#ending = { status, error };
    this.#queueEnd();
  }

  onCollected(): void {
    if (this.#endpoint === null) this.#isAbandoned = true;
    else this.close(WITHOUT_STATUS);
  }

  #queue(task: Task): void {
    this.#tasks.put(task);
    queueTask(this);
  }

  #onTasksDone(): void {
    this.#queuedAmount = 0;
    this.#endpoint?.uncork();
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#endpoint?.resume();
  }

  /** "When the WebSocket connection is established". */
  #open({ protocol, extensions }: Terms): void {
    // close() may have been called since.
    if (this.#readyState !== ReadyState.CONNECTING) return;
    this.#readyState = ReadyState.OPEN;
    this.#extensions = extensions;
    this.#protocol = protocol;
    this.#fire(openEvent());
    this.review();
  }

  /** "When a WebSocket message has been received". */
  #fireMessage(content: Content): void {
    if (this.#readyState !== ReadyState.OPEN) return;
    this.#fire(receivedMessage(content, this.binaryType, this.#origin));
    if (this.#hasPassingListeners) this.review();
  }

  #queueEnd(): void {
    const ending = this.#ending;
    if (ending !== null && this.#endpoint?.isInputEnded === true) this.#queue(() => this.#end(ending));
  }

  /** "When the WebSocket connection is closed". */
  #end({ status, error }: Ending): void {
    this.#readyState = ReadyState.CLOSED;
    this.#sender.end(error === null);
    // In a task of its own, so that microtasks run between the two events, as they do in a page.
    if (error === null || !isFailure(error)) this.#fireClose(status, error === null);
    else {
      this.#fire(errorEvent(error));
      this.#queue(() => this.#fireClose(status, false));
    }
  }

  #fireClose(status: CloseStatus, wasClean: boolean): void {
    this.#fire(closeEvent(status, wasClean));
    this.#hold.release();
    unwatchCollection(this);
  }

  #fire(event: Event): void {
    const socket = this.#hold.target;
    if (socket !== undefined) dispatchEvent.call(socket, event);
  }
}

/**
 * Whether the connection was failed (RFC 6455 section 7.1.7), which includes a transport that is lost (section 7.2.1). A
 * peer that does not answer our Close frame in time is no failure.
 */
function isFailure(error: Error): boolean {
  return (error as Partial<ConnectionError>).code !== ConnectionLosses.CLOSE_TIMEOUT.code;
}
