import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { Refusals } from "../handshake/refusals.ts";
import { refuse } from "./refuse.ts";
import { ADOPTION_WAYS, adopt, isAdopted } from "./socket-adoption.ts";

export type AnyHttpServer = HttpServer | HttpsServer;

/** A WebSocket server that is attached to an HTTP server. */
export interface UpgradeTaker {
  /** Whether the request's path is one that this server serves. */
  takes(message: IncomingMessage): boolean;
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** The HTTP server has begun to listen. */
  onListening(): void;
}

const attachments = new WeakMap<AnyHttpServer, HttpAttachment>();

/**
 * All WebSocket servers on one HTTP server. They share one `'upgrade'` listener, so that a path that none of them
 * serves is answered with 404 once, and left alone if the application listens for upgrades of its own. A socket that
 * an earlier listener of the application has given to a WebSocket server is left alone, too.
 */
export class HttpAttachment {
  readonly #server: AnyHttpServer;
  readonly #takers = new Set<UpgradeTaker>();
  readonly #onUpgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) =>
    this.#dispatch(message, socket, head);
  readonly #onListening = () => {
    for (const taker of this.#takers) taker.onListening();
  };

  private constructor(server: AnyHttpServer) {
    this.#server = server;
    server.on("upgrade", this.#onUpgrade);
    server.on("listening", this.#onListening);
  }

  static add(server: AnyHttpServer, taker: UpgradeTaker): void {
    const attachment = attachments.get(server) ?? new HttpAttachment(server);
    attachments.set(server, attachment);
    attachment.#takers.add(taker);
  }

  static remove(server: AnyHttpServer, taker: UpgradeTaker): void {
    const attachment = attachments.get(server);
    if (attachment === undefined || !attachment.#takers.delete(taker) || attachment.#takers.size > 0) return;
    server.off("upgrade", attachment.#onUpgrade);
    server.off("listening", attachment.#onListening);
    attachments.delete(server);
  }

  #dispatch(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (isAdopted(socket)) return;
    for (const taker of this.#takers) {
      if (!taker.takes(message)) continue;
      taker.handleUpgrade(message, socket, head);
      return;
    }
    if (this.#server.listenerCount("upgrade") > 1) return;
    adopt(socket, { server: this.#server, way: ADOPTION_WAYS.noPath });
    socket.on("error", () => socket.destroy());
    refuse(socket, Refusals.PATH_NOT_FOUND);
  }
}
