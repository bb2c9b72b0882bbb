import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket, type TlsOptions } from "node:tls";
import type { RefusalError } from "../handshake/refusal-error.ts";
import type { ListenOptions } from "./acceptor-options.ts";
import type { SocketSet } from "./socket-set.ts";
import { notListening, portAddress, type SocketSource } from "./socket-source.ts";
import { tlsFailure } from "./tls-failure.ts";
import { unusableTls } from "./tls-option.ts";

/** The events of a server's own port. */
export interface PortListenerEvents {
  onListening(): void;
  /** It cannot listen, or cannot accept. */
  onError(error: Error): void;
  /** A client has connected; over TLS, its TLS handshake is done. */
  onSocket(socket: Socket): void;
  /** A client's TLS handshake failed, and its socket is destroyed. */
  onTlsFailed(error: RefusalError, remoteAddress: string | undefined): void;
}

/** A port of a WebSocket server's own, plain or with TLS. */
export class PortListener implements SocketSource {
  readonly #server: Server;
  readonly #events: PortListenerEvents;
  #failure: Error | null = null;
  #closed = false;

  /**
   * @param handshakeTimeout milliseconds for a TLS handshake
   * @param sockets gets each TCP socket that is accepted
   */
  constructor(options: ListenOptions, handshakeTimeout: number, sockets: SocketSet, events: PortListenerEvents) {
    const { port, host, backlog, tls } = options;
    this.#events = events;
    const onSocket = (socket: Socket) => events.onSocket(socket);
    const tlsDefaults = { ALPNProtocols: ["http/1.1"], noDelay: true, handshakeTimeout };
    this.#server =
      tls === undefined
        ? createTcpServer({ noDelay: true }, onSocket)
        : openTlsServer({ ...tlsDefaults, ...tls }, onSocket);
    // First, so that a socket is in the set before the other listener handles it.
    this.#server.prependListener("connection", (socket: Socket) => sockets.add(socket));
    if (tls !== undefined) this.#reportTlsFailures();
    this.#server.on("listening", () => events.onListening());
    this.#server.on("error", (error) => this.#onError(error));
    this.#server.listen({ port, host, backlog });
  }

  address(): AddressInfo {
    if (this.#failure !== null) throw notListening(this.#failure.message);
    return portAddress(this.#server);
  }

  close(): Promise<void> {
    this.#closed = true;
    // The callback gets an error if the server never listened: there is nothing to close then.
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #onError(error: Error): void {
    if (!this.#server.listening) this.#failure = error;
    this.#events.onError(error);
  }

  #reportTlsFailures(): void {
    // node keeps the address of a closed socket only if it was read before.
    this.#server.on("connection", (socket: Socket) => void socket.remoteAddress);
    this.#server.on("tlsClientError", (error: Error, socket: TLSSocket) => {
      const failure = tlsFailure(error, socket);
      socket.destroy();
      // A closing server destroys sockets itself: those are not failures.
      if (failure !== null && !this.#closed) this.#events.onTlsFailed(failure.error, failure.remoteAddress);
    });
  }
}

/** @throws TypeError OPTION_INVALID for TLS options that node rejects */
function openTlsServer(options: TlsOptions, onSocket: (socket: Socket) => void): Server {
  try {
    return createTlsServer(options, onSocket);
  } catch (error) {
    throw unusableTls(error, "tls");
  }
}
