import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { inspect } from "node:util";
import { Deadline } from "../deadline.ts";
import type { Terms } from "../endpoint/terms.ts";
import {
  answerOffers,
  declareAgreed,
  type Extension,
  formatExtensionHeader,
  openPipeline,
} from "../extensions/index.ts";
import { isPromise, synchronousResult } from "../handshake/hook-result.ts";
import { isRefusal } from "../handshake/is-refusal.ts";
import { originMismatch } from "../handshake/origin.ts";
import { RefusalError } from "../handshake/refusal-error.ts";
import { type Refusal, Refusals } from "../handshake/refusals.ts";
import { type AcceptedRequest, judgeRequest } from "../handshake/server-decision.ts";
import { formatAcceptance } from "../handshake/server-response.ts";
import { runGuarded } from "../uncaught.ts";
import type { Authentication, HandshakeOptions } from "./acceptor-options.ts";
import { RawHandshake } from "./raw-handshake.ts";
import { refuse } from "./refuse.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/** A request that was answered with 101. From then on, the socket speaks WebSocket. */
export interface AdmittedRequest<Auth> {
  readonly request: UpgradeRequest;
  readonly socket: Duplex;
  /** Bytes that came with the request. */
  readonly rest: Buffer;
  readonly terms: Terms;
  /** The result of `authenticate`. */
  readonly auth: Auth;
}

/** The settings that hold for all requests. */
export interface AdmissionSettings {
  readonly extensions: readonly Extension[];
  /** The longest message that a connection accepts, in bytes. */
  readonly maxPayload: number;
  /** Milliseconds for a whole handshake. */
  readonly timeout: number;
}

export interface AdmissionListener<Auth> {
  onAdmitted(admitted: AdmittedRequest<Auth>): void;
  /** A request was refused, or none arrived that could be judged. */
  onRefused(error: RefusalError, request: UpgradeRequest | null, remoteAddress: string | undefined): void;
}

/** A handshake that is not over. */
interface PendingHandshake {
  readonly deadline: Deadline;
  /** Null until it has been read. */
  request: UpgradeRequest | null;
}

/** Judges the requests of one server, and keeps the time of their handshakes. */
export class Admission<Auth> {
  readonly #options: HandshakeOptions<Auth>;
  readonly #settings: AdmissionSettings;
  readonly #listener: AdmissionListener<Auth>;
  readonly #pending = new Map<Duplex, PendingHandshake>();
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

  /** Reads a request from a raw socket, and answers it. */
  read(socket: Socket): void {
    this.#begin(socket, null);
    new RawHandshake(socket, this.#options, {
      onRequest: (request, _socket, rest) => this.#admit(request, socket, rest),
      onBadRequest: (refusal) => this.#refuse(socket, refusal, null),
    });
  }

  /** Answers a request that an HTTP server has read. @param rest the bytes that followed it */
  answer(request: UpgradeRequest, socket: Duplex, rest: Buffer): void {
    this.#begin(socket, request);
    this.#admit(request, socket, rest);
  }

  /** Refuses all pending and future requests. */
  close(): void {
    this.#closed = true;
    for (const [socket, { request }] of [...this.#pending]) {
      runGuarded(() => this.#refuse(socket, Refusals.SERVER_CLOSING, request));
    }
  }

  /** The time limit of the whole handshake starts here and is never extended: a head may arrive byte by byte. */
  #begin(socket: Duplex, request: UpgradeRequest | null): void {
    const deadline = new Deadline(this.#settings.timeout, () => this.#onTimeout(socket));
    this.#pending.set(socket, { deadline, request });
    socket.on("error", destroyOnError).on("close", this.#onClose);
  }

  /** Once the request has been read, only `authenticate` can be late. */
  #onTimeout(socket: Duplex): void {
    const request = this.#pending.get(socket)?.request ?? null;
    this.#refuse(socket, request === null ? Refusals.HEAD_TIMEOUT : Refusals.AUTHENTICATION_TIMEOUT, request);
  }

  /** The socket is not read meanwhile. */
  #admit(request: UpgradeRequest, socket: Duplex, rest: Buffer): void {
    const handshake = this.#pending.get(socket);
    if (handshake !== undefined) handshake.request = request;
    if (this.#closed) {
      this.#refuse(socket, Refusals.SERVER_CLOSING, request);
      return;
    }
    try {
      const judged = judgeRequest(request, this.#options);
      if (isRefusal(judged)) {
        // The client must not learn the list of origins.
        const detail = judged === Refusals.ORIGIN_FORBIDDEN ? originMismatch(request, this.#options.origins) : "";
        this.#refuse(socket, judged, request, detail);
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

  /** Ends a handshake with an answer that says why. @param detail for the application only */
  #refuse(socket: Duplex, refusal: Refusal | RefusalError, request: UpgradeRequest | null, detail = ""): void {
    if (!this.#end(socket)) return;
    const remoteAddress = addressOf(socket);
    try {
      refuse(socket, refusal);
    } catch (error) {
      // The application's own refusal has a status or a header field that cannot be sent.
      this.#refuseAfterException(request, socket, error);
      return;
    }
    const error = refusal instanceof RefusalError ? refusal : new RefusalError(refusal, detail);
    this.#listener.onRefused(error, request, remoteAddress);
  }

  #settle(
    request: UpgradeRequest,
    socket: Duplex,
    rest: Buffer,
    accepted: AcceptedRequest,
    authentication: Authentication<Auth>,
  ): void {
    const denial = this.#denial(authentication);
    if (denial !== null) {
      this.#refuse(socket, denial, request);
      return;
    }
    // It may have timed out while the application decided, or the client may have left.
    if (!this.#pending.has(socket)) return;
    if (socket.readableEnded) {
      socket.destroy();
      return;
    }
    const auth = authentication as Auth;
    const { key, protocol, offers } = accepted;
    const agreed = answerOffers(this.#settings.extensions, offers);
    const extensions = formatExtensionHeader(declareAgreed(agreed));
    const headers = synchronousResult(this.#options.headers?.(request, auth), "headers", "HEADER_INVALID");
    const response = formatAcceptance({ key, protocol, extensions, headers });
    // Before the response: an extension of the application's own may throw.
    const pipeline = openPipeline(agreed, this.#settings.maxPayload);
    if (!this.#end(socket)) {
      // A hook of the application has closed the server.
      pipeline?.close();
      return;
    }
    // No listener of the handshake stays on a socket that may be idle for days.
    socket.off("error", destroyOnError).off("close", this.#onClose);
    socket.write(response, "latin1");
    const terms = { protocol: protocol ?? "", extensions, pipeline };
    this.#listener.onAdmitted({ request, socket, rest, terms, auth });
  }

  #denial(authentication: Authentication<Auth>): Refusal | RefusalError | null {
    if (this.#options.authenticate === undefined) return null;
    if (authentication instanceof RefusalError) return authentication;
    if (authentication instanceof Error) {
      const message = "authenticate returned an error: only refuse(status, message) refuses as it says";
      throw new TypeError(message, { cause: authentication });
    }
    const isNobody = authentication === undefined || authentication === null || authentication === false;
    return isNobody ? Refusals.NOT_AUTHENTICATED : null;
  }

  /** An exception of the application is never shown to the client. */
  #onException(request: UpgradeRequest, socket: Duplex, error: unknown): void {
    if (error instanceof RefusalError) {
      this.#refuse(socket, error, request);
      return;
    }
    if (this.#end(socket)) this.#refuseAfterException(request, socket, error);
  }

  #refuseAfterException(request: UpgradeRequest | null, socket: Duplex, error: unknown): void {
    const remoteAddress = addressOf(socket);
    refuse(socket, Refusals.SERVER_FAILED);
    this.#listener.onRefused(
      new RefusalError(Refusals.SERVER_FAILED, describe(error), { cause: error }),
      request,
      remoteAddress,
    );
  }

  /** @returns whether the handshake was still under way */
  #end(socket: Duplex): boolean {
    this.#pending.get(socket)?.deadline.cancel();
    return this.#pending.delete(socket);
  }
}

/** The address of the peer. Not every Duplex has one. */
function addressOf(socket: Duplex & { readonly remoteAddress?: string | undefined }): string | undefined {
  return socket.remoteAddress;
}

/** Describes anything that was thrown: String() throws for an object without a prototype. */
function describe(thrown: unknown): string {
  if (typeof thrown === "string") return thrown;
  return thrown instanceof Error ? thrown.message : inspect(thrown);
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}
