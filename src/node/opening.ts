import { lookup } from "node:dns";
import { isIP, type Socket } from "node:net";
// Not the global function: fake timers of an application must not hold up the next connection to the same address.
import { setImmediate } from "node:timers";
import { TLSSocket } from "node:tls";
import { Deadline } from "../deadline.ts";
import { Endpoint } from "../endpoint/endpoint.ts";
import { EndpointGroup } from "../endpoint/endpoint-group.ts";
import type { EndpointListener } from "../endpoint/endpoint-listener.ts";
import type { OutputResources } from "../endpoint/frame-output.ts";
import { resolveSettings } from "../endpoint/settings.ts";
import type { Terms } from "../endpoint/terms.ts";
import {
  checkAnswer,
  declareAgreed,
  declareOffers,
  type Extension,
  type ExtensionDeclaration,
  formatExtensionHeader,
  openPipeline,
} from "../extensions/index.ts";
import { createKey } from "../handshake/accept-key.ts";
import { checkResponse } from "../handshake/client-check.ts";
import { formatRequest } from "../handshake/client-request.ts";
import { type ConnectFailure, ConnectFailures } from "../handshake/connect-failures.ts";
import { ResponseReader } from "../handshake/response-reader.ts";
import type { ResponseHead } from "../http/response-head.ts";
import { watchAbort } from "./abort-watch.ts";
import { type ConnectTarget, openSocket, type ResolvedAddress, targetOf } from "./client-socket.ts";
import { ConnectError } from "./connect-error.ts";
import { resolveExtensions } from "./extension-options.ts";
import { certificateFailure, describeError, lookupFailure, socketFailure } from "./network-failure.ts";
import type { FaceOptions } from "./opening-options.ts";
import { awaited, type OpeningPhase } from "./opening-phase.ts";
import { OpeningQueue } from "./opening-queue.ts";
import { SocketTransport } from "./socket-transport.ts";

const queue = new OpeningQueue();
/** The resources that all clients of the process share; made with the first. */
let commonResources: OutputResources | undefined;

/** Receives the result of an opening handshake, once. */
export interface OpeningListener<Face, Message> {
  /**
   * The connection is open. The listener attaches a face to the endpoint, and later starts it.
   *
   * @param rest bytes that came with the response, for `endpoint.start()`
   */
  onOpen(endpoint: Endpoint<Face, Message>, terms: Terms, rest: Buffer): void;
  /** @param error a ConnectError, or an error about an option of `tls` */
  onFailed(error: Error): void;
}

/**
 * The opening handshake of a client: resolves the name, waits for its turn, opens the socket, sends the request and
 * checks the response.
 */
export class Opening<Face, Message> {
  readonly #target: ConnectTarget;
  readonly #options: FaceOptions;
  readonly #listener: OpeningListener<Face, Message>;
  readonly #group: EndpointGroup<Face, Message>;
  readonly #timeout: number;
  readonly #protocols: readonly string[];
  readonly #extensions: readonly Extension[];
  readonly #key = createKey();
  readonly #request: string;
  readonly #reader: ResponseReader;
  #phase: OpeningPhase = "lookup";
  #socket: Socket | null = null;
  #deadline: Deadline | null = null;
  #stopWatching: (() => void) | null = null;
  #leaveQueue: (() => void) | null = null;
  #over = false;
  readonly #onError = (error: Error) => this.#fail(this.#failureOf(error), describeError(error), error);
  readonly #onClose = () => this.#fail(ConnectFailures.CUT_OFF, this.#lossNow);

  /** @param options checked options */
  constructor(
    url: URL,
    options: FaceOptions,
    endpointListener: EndpointListener<Face, Message>,
    listener: OpeningListener<Face, Message>,
  ) {
    this.#target = targetOf(url);
    this.#options = options;
    this.#listener = listener;
    const { protocols = [], headers = {} } = options;
    this.#group = new EndpointGroup("client", resolveSettings(options), endpointListener, commonResources);
    commonResources ??= { buffers: this.#group.buffers, flushes: this.#group.flushes };
    this.#timeout = options.handshakeTimeout ?? 10_000;
    this.#reader = new ResponseReader(options);
    this.#protocols = typeof protocols === "string" ? [protocols] : protocols;
    this.#extensions = resolveExtensions(options);
    const extensions = formatExtensionHeader(declareOffers(this.#extensions));
    this.#request = formatRequest({ url, key: this.#key, protocols: this.#protocols, extensions, headers });
  }

  start(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) {
      this.#abort(signal);
      return;
    }
    if (signal !== undefined) this.#stopWatching = watchAbort(signal, () => this.#abort(signal));
    this.#deadline = new Deadline(this.#timeout, () => this.#timeOut());
    const { host } = this.#target;
    const family = isIP(host);
    if (family === 0) this.#lookUp(host);
    else this.#enterQueue([{ address: host, family }]);
  }

  /** Ends the attempt as `signal` does; the listener learns of it before this returns. Does nothing once it is over. */
  cancel(detail: string): void {
    this.#fail(ConnectFailures.ABORTED, detail);
  }

  #lookUp(host: string): void {
    lookup(host, { all: true }, (error, addresses) => {
      if (this.#over) return;
      if (error !== null) this.#fail(lookupFailure(error), describeError(error), error);
      else this.#enterQueue(addresses);
    });
  }

  #enterQueue(addresses: readonly ResolvedAddress[]): void {
    if (this.#options.concurrent === true) {
      this.#open(addresses);
      return;
    }
    this.#phase = "turn";
    const address = `${addresses[0]?.address} ${this.#target.port}`;
    this.#leaveQueue = queue.enter(address, () => this.#open(addresses));
    // It may have failed before it returned.
    if (this.#over) this.#leave();
  }

  #open(addresses: readonly ResolvedAddress[]): void {
    this.#phase = "tcp";
    const { isSecure } = this.#target;
    let socket: Socket;
    try {
      socket = openSocket(this.#target, addresses, this.#options.tls);
    } catch (error) {
      this.#settle(() => this.#listener.onFailed(error as Error));
      return;
    }
    this.#socket = socket;
    if (isSecure) socket.once("connect", () => this.#enterTls());
    // RFC 6455 section 4.1, item 5: the handshake is sent only once TLS is established.
    socket.once(isSecure ? "secureConnect" : "connect", () => this.#ask(socket));
    this.#readResponse(socket);
    socket.on("error", this.#onError).on("close", this.#onClose);
  }

  #enterTls(): void {
    this.#phase = "tls";
  }

  #ask(socket: Socket): void {
    this.#phase = "response";
    socket.write(this.#request, "latin1");
  }

  #readResponse(socket: Socket): void {
    const onData = (chunk: Buffer) => {
      const reading = this.#reader.push(chunk);
      if (reading === null) return;
      if ("failure" in reading) {
        this.#fail(reading.failure, reading.detail);
        return;
      }
      const terms = this.#check(reading.head);
      if (terms === null) return;
      socket.off("data", onData);
      this.#succeed(socket, terms, reading.rest);
    };
    socket.on("data", onData);
  }

  /** @returns `null` after the response has failed the attempt */
  #check(head: ResponseHead): Terms | null {
    const extensionNames = this.#extensions.map(({ name }) => name);
    const { needsSubprotocol = false } = this.#options;
    const offer = { key: this.#key, protocols: this.#protocols, needsSubprotocol, extensionNames };
    const checked = checkResponse(head, offer);
    if ("failure" in checked) {
      this.#fail(checked.failure, checked.detail, undefined, head);
      return null;
    }
    return this.#agree(checked.protocol, checked.extensions);
  }

  /** @returns `null` after the answer has failed the attempt */
  #agree(protocol: string, answer: readonly ExtensionDeclaration[]): Terms | null {
    try {
      const agreed = checkAnswer(this.#extensions, answer);
      if (typeof agreed !== "string") {
        const extensions = formatExtensionHeader(declareAgreed(agreed));
        return { protocol, extensions, pipeline: openPipeline(agreed, this.#group.settings.maxPayload) };
      }
      this.#fail(ConnectFailures.EXTENSION_ANSWER_INVALID, agreed);
    } catch (error) {
      // An extension of the application's own: its exception must not reach the socket's listener.
      this.#fail(ConnectFailures.EXTENSION_ANSWER_INVALID, describeError(error), error);
    }
    return null;
  }

  #succeed(socket: Socket, terms: Terms, rest: Buffer): void {
    socket.pause();
    socket.off("error", this.#onError).off("close", this.#onClose);
    const endpoint = new Endpoint(new SocketTransport(socket), terms.pipeline, this.#group);
    this.#socket = null;
    this.#settle(() => this.#listener.onOpen(endpoint, terms, rest));
  }

  #abort(signal: AbortSignal): void {
    this.#fail(ConnectFailures.ABORTED, "", signal.reason);
  }

  #timeOut(): void {
    this.#fail(
      ConnectFailures.HANDSHAKE_TIMEOUT,
      `${this.#timeout} ms passed while waiting for ${awaited(this.#phase)}`,
    );
  }

  #failureOf(error: Error): ConnectFailure {
    const socket = this.#socket;
    const isCertificate = this.#phase === "tls" && socket instanceof TLSSocket && Boolean(socket.authorizationError);
    return isCertificate ? certificateFailure(error) : socketFailure(error, this.#phase);
  }

  /** Describes a socket that closes without an error. */
  get #lossNow(): string {
    if (this.#reader.hasBegun) return "the server sent a part of a response";
    const { isSecure } = this.#target;
    return `the server sent nothing${isSecure ? "" : "; if it expects TLS, the URL needs wss:"}`;
  }

  #fail(failure: ConnectFailure, detail = "", cause?: unknown, response?: ResponseHead): void {
    this.#settle(() => this.#listener.onFailed(new ConnectError(failure, detail, errorOptions(cause, response))));
  }

  /** Ends the attempt, once. */
  #settle(report: () => void): void {
    if (this.#over) return;
    this.#over = true;
    this.#deadline?.cancel();
    this.#stopWatching?.();
    this.#socket?.destroy();
    report();
    this.#leave();
  }

  #leave(): void {
    if (this.#leaveQueue === null) return;
    if (this.#phase === "turn") this.#leaveQueue();
    // Later, so that an attempt that ends at the same moment, by a time-out or the same signal, opens no socket before.
    else setImmediate(this.#leaveQueue);
  }
}

function errorOptions(cause: unknown, response: ResponseHead | undefined) {
  const answer =
    response === undefined || response.status === 101
      ? {}
      : {
          response: { status: response.status, reason: response.reason, headers: response.fields.toResponseHeaders() },
        };
  return cause === undefined ? answer : { ...answer, cause };
}
