import type { Duplex } from "node:stream";
import { type Refusal, RefusalError, Refusals } from "../errors.ts";
import {
  answerOffers,
  declareAgreed,
  type Extension,
  formatExtensionHeader,
  type MessagePipeline,
  openPipeline,
} from "../extensions/index.ts";
import { type Acceptance, formatAcceptance, isRefusal, judgeRequest } from "../handshake/index.ts";
import { refuse } from "./refuse.ts";
import type { Authentication, HandshakeOptions } from "./server-options.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** What a handshake has settled. */
export interface Admitted<Auth> {
  readonly protocol: string;
  /** The extensions in use as the response names them. */
  readonly extensions: string;
  readonly pipeline: MessagePipeline | null;
  readonly auth: Auth;
}

/** What is settled before any request comes. */
export interface AdmissionSettings {
  readonly extensions: readonly Extension[];
  /** The longest message that a connection accepts, in bytes. */
  readonly maxPayload: number;
  /** Milliseconds for a whole handshake. */
  readonly timeout: number;
}

/** What a server learns of its handshakes. */
export interface AdmissionListener<Auth> {
  /** The 101 response was written: the socket speaks WebSocket from here on. @param rest what came with the request */
  onAdmitted(request: UpgradeRequest, socket: Duplex, rest: Buffer, admitted: Admitted<Auth>): void;
  /** A request was refused, or none arrived that could be judged. */
  onRefused(error: RefusalError, request: UpgradeRequest | null): void;
}

/** Judges the requests of one server, and keeps the time of their handshakes. */
export class Admission<Auth> {
  readonly #options: HandshakeOptions<Auth>;
  readonly #settings: AdmissionSettings;
  readonly #listener: AdmissionListener<Auth>;
  /** The sockets whose handshake is not over, with the timers that end it. */
  readonly #pending = new Map<Duplex, NodeJS.Timeout>();
  readonly #onClose: (this: Duplex) => void;
  #closed = false;

  constructor(options: HandshakeOptions<Auth>, settings: AdmissionSettings, listener: AdmissionListener<Auth>) {
    this.#options = options;
    this.#settings = settings;
    this.#listener = listener;
    const admission = this;
    this.#onClose = function onClose() {
      admission.#end(this);
    };
  }

  /** A handshake begins: from now on it has the time that it has, whatever arrives (a head may drip). */
  begin(socket: Duplex): void {
    const timer = setTimeout(() => this.refuse(socket, Refusals.HEAD_TIMEOUT, null), this.#settings.timeout);
    this.#pending.set(socket, timer);
    socket.on("error", destroyOnError).on("close", this.#onClose);
  }

  /** Answers a request that began with `begin`. The socket is not read meanwhile. */
  admit(request: UpgradeRequest, socket: Duplex, rest: Buffer): void {
    if (this.#closed) {
      this.refuse(socket, Refusals.SERVER_CLOSING, request);
      return;
    }
    try {
      const judged = judgeRequest(request, this.#options);
      if (isRefusal(judged)) {
        this.refuse(socket, judged, request);
        return;
      }
      const authentication = this.#options.authenticate?.(request);
      const settle = (settled: Authentication<Auth>) => this.#settle(request, socket, rest, judged, settled);
      if (!isPromise(authentication)) {
        settle(authentication);
        return;
      }
      // A promise of another library may lack catch().
      const promise = Promise.resolve(authentication);
      promise.then(settle).catch((error: unknown) => this.#onException(request, socket, error));
    } catch (error) {
      this.#onException(request, socket, error);
    }
  }

  /** Ends a handshake with an answer that says why. */
  refuse(socket: Duplex, refusal: Refusal | RefusalError, request: UpgradeRequest | null): void {
    if (!this.#end(socket)) return;
    try {
      refuse(socket, refusal);
    } catch (error) {
      // The application's own refusal has a status or a header field that cannot be sent.
      this.#giveUp(request, socket, error);
      return;
    }
    this.#listener.onRefused(refusal instanceof RefusalError ? refusal : new RefusalError(refusal), request);
  }

  /** Refuses what is under way and whatever follows. */
  close(): void {
    this.#closed = true;
    for (const socket of [...this.#pending.keys()]) this.refuse(socket, Refusals.SERVER_CLOSING, null);
  }

  #settle(
    request: UpgradeRequest,
    socket: Duplex,
    rest: Buffer,
    acceptance: Acceptance,
    authentication: Authentication<Auth>,
  ): void {
    const denial = this.#denial(authentication);
    if (denial !== null) {
      this.refuse(socket, denial, request);
      return;
    }
    // It may have timed out while the application decided, or the client may have gone.
    if (!this.#pending.has(socket)) return;
    if (socket.readableEnded) {
      socket.destroy();
      return;
    }
    const auth = authentication as Auth;
    const { key, protocol, offers } = acceptance;
    const agreed = answerOffers(this.#settings.extensions, offers);
    const extensions = formatExtensionHeader(declareAgreed(agreed));
    const headers = this.#options.headers?.(request, auth);
    const response = formatAcceptance({ key, protocol, extensions, headers });
    // Before anything is promised: an extension of the application's own may throw.
    const pipeline = openPipeline(agreed, this.#settings.maxPayload);
    this.#end(socket);
    // Nothing of the handshake stays on a socket that may be idle for days.
    socket.off("error", destroyOnError).off("close", this.#onClose);
    socket.write(response, "latin1");
    this.#listener.onAdmitted(request, socket, rest, { protocol: protocol ?? "", extensions, pipeline, auth });
  }

  #denial(authentication: Authentication<Auth>): Refusal | RefusalError | null {
    if (this.#options.authenticate === undefined) return null;
    if (authentication instanceof RefusalError) return authentication;
    const isNobody = authentication === undefined || authentication === null || authentication === false;
    return isNobody ? Refusals.NOT_AUTHENTICATED : null;
  }

  /** An exception of the application's is not the client's to read. */
  #onException(request: UpgradeRequest, socket: Duplex, error: unknown): void {
    if (error instanceof RefusalError) {
      this.refuse(socket, error, request);
      return;
    }
    if (this.#end(socket)) this.#giveUp(request, socket, error);
  }

  #giveUp(request: UpgradeRequest | null, socket: Duplex, error: unknown): void {
    refuse(socket, Refusals.SERVER_FAILED);
    const detail = error instanceof Error ? error.message : String(error);
    this.#listener.onRefused(new RefusalError(Refusals.SERVER_FAILED, detail, { cause: error }), request);
  }

  /** @returns whether the handshake was still under way */
  #end(socket: Duplex): boolean {
    clearTimeout(this.#pending.get(socket));
    return this.#pending.delete(socket);
  }
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
