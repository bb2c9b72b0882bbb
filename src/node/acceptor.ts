import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { Endpoint } from "../endpoint/endpoint.ts";
import type { EndpointGroup } from "../endpoint/endpoint-group.ts";
import type { Terms } from "../endpoint/terms.ts";
import type { RefusalError } from "../handshake/refusal-error.ts";
import { isPathServed } from "../handshake/server-decision.ts";
import type { AcceptorOptions } from "./acceptor-options.ts";
import { Admission, type AdmittedRequest } from "./admission.ts";
import { AttachedSource } from "./attached-source.ts";
import { resolveExtensions } from "./extension-options.ts";
import { PortListener } from "./port-listener.ts";
import { type ClosableConnections, type Patience, shutDown } from "./shutdown.ts";
import { ADOPTION_WAYS, type Adopter, adopt } from "./socket-adoption.ts";
import { SocketSet } from "./socket-set.ts";
import { NO_SOURCE, notListening, type SocketSource } from "./socket-source.ts";
import { SocketTransport } from "./socket-transport.ts";
import { UpgradeRequest } from "./upgrade-request.ts";

/** An endpoint of an accepted request. */
export interface Accepted<Face, Message, Auth> {
  readonly endpoint: Endpoint<Face, Message>;
  readonly terms: Terms;
  /** What `authenticate` returned. */
  readonly auth: Auth;
  readonly request: UpgradeRequest;
}

export interface AcceptorListener<Face, Message, Auth> {
  onListening(): void;
  /** A handshake has succeeded. The listener attaches a face to the endpoint, which begins to read when this returns. */
  onAccepted(accepted: Accepted<Face, Message, Auth>): void;
  /** A client was refused. The request is `null` if none could be read. */
  onRefused(error: RefusalError, request: UpgradeRequest | null, remoteAddress: string | undefined): void;
  /** It cannot listen, or cannot accept. */
  onError(error: Error): void;
}

/** Accepts WebSocket connections: on a port of its own, beside an `http.Server`, or from `handleUpgrade`. */
export class Acceptor<Face, Message, Auth> {
  readonly #group: EndpointGroup<Face, Message>;
  readonly #listener: AcceptorListener<Face, Message, Auth>;
  readonly #admission: Admission<Auth>;
  /** Accepted sockets that are not connections: before the handshake, refused, or TCP sockets below TLS. */
  readonly #sockets = new SocketSet();
  readonly #source: SocketSource;
  readonly #byHand: Adopter;
  #isClosed = false;

  /**
   * @param options checked options
   * @param server the server of the application, for errors about a socket that is given to two servers
   */
  constructor(
    options: AcceptorOptions<Auth>,
    group: EndpointGroup<Face, Message>,
    server: object,
    listener: AcceptorListener<Face, Message, Auth>,
  ) {
    this.#group = group;
    this.#listener = listener;
    this.#byHand = { server, way: ADOPTION_WAYS.hand };
    const timeout = options.handshakeTimeout ?? 10_000;
    const settings = { extensions: resolveExtensions(options), maxPayload: group.maxPayload, timeout };
    this.#admission = new Admission(options, settings, {
      onAdmitted: (admitted) => this.#onAdmitted(admitted),
      onRefused: (error, request, remoteAddress) => listener.onRefused(error, request, remoteAddress),
    });
    this.#source = this.#openSource(options, timeout, server);
  }

  /** @throws Error that says why, unless it listens on a port */
  address(): AddressInfo {
    if (this.#isClosed) throw notListening("it was closed");
    return this.#source.address();
  }

  /**
   * Answers an upgrade that an HTTP server has read.
   *
   * @throws Error with the code `SOCKET_ALREADY_ADOPTED` if a server was given this socket before
   */
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#onUpgrade(message, socket, head, this.#byHand);
  }

  /**
   * Accepts nothing more, refuses pending handshakes, and closes the connections. To be called once.
   *
   * @param patience how long the connections may take to close
   * @returns a promise that is fulfilled once everything is closed, or ended after that time
   */
  async close(connections: ClosableConnections, patience: Patience): Promise<void> {
    this.#isClosed = true;
    const sourceClosed = this.#source.close();
    this.#admission.close();
    const gone = Promise.all([sourceClosed, this.#whenAllEndpointsGone(), this.#sockets.whenEmpty()]);
    await shutDown({ connections, sockets: this.#sockets, gone }, patience);
  }

  #openSource(options: AcceptorOptions<Auth>, handshakeTimeout: number, server: object): SocketSource {
    const listener = this.#listener;
    const onListening = () => listener.onListening();
    if (options.port !== undefined) {
      const adopter = { server, way: ADOPTION_WAYS.port };
      return new PortListener(options, handshakeTimeout, this.#sockets, {
        onListening,
        onError: (error) => listener.onError(error),
        onSocket: (socket) => this.#onSocket(socket, adopter),
        onTlsFailed: (error, remoteAddress) => listener.onRefused(error, null, remoteAddress),
      });
    }
    if (options.server !== undefined) {
      const adopter = { server, way: ADOPTION_WAYS.server };
      return new AttachedSource(options.server, (target) => isPathServed(target, options), {
        onListening,
        onUpgrade: (message, socket, head) => this.#onUpgrade(message, socket, head, adopter),
      });
    }
    return NO_SOURCE;
  }

  #onSocket(socket: Socket, adopter: Adopter): void {
    adopt(socket, adopter);
    this.#admission.read(socket);
  }

  #onUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer, adopter: Adopter): void {
    // A copy: frames are unmasked in place, and this memory may belong to other code.
    const rest = Buffer.from(head);
    const request = UpgradeRequest.from(message, socket);
    adopt(socket, adopter);
    if (!socket.readable || !socket.writable) {
      // The client has gone while the application was busy; its close event may have been emitted already.
      socket.destroy();
      return;
    }
    if ("setTimeout" in socket) (socket as Socket).setTimeout(0);
    if ("setNoDelay" in socket) (socket as Socket).setNoDelay(true);
    this.#sockets.add(socket);
    this.#admission.answer(request, socket, rest);
  }

  #onAdmitted({ request, socket, rest, terms, auth }: AdmittedRequest<Auth>): void {
    const endpoint = new Endpoint(new SocketTransport(socket), terms.pipeline, this.#group);
    this.#sockets.release(socket);
    this.#listener.onAccepted({ endpoint, terms, auth, request });
    endpoint.start(rest);
  }

  #whenAllEndpointsGone(): Promise<void> {
    if (this.#group.open.faces.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#group.onLastGone = resolve;
    });
  }
}
