import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { Duplex } from "node:stream";
import { Refusals } from "../errors.ts";
import { refuse } from "./refuse.ts";

export type AnyHttpServer = HttpServer | HttpsServer;

/** A WebSocket server that stands beside what an HTTP server does. */
export interface UpgradeTaker {
  /** Whether the request's path is one that this server serves. */
  takes(message: IncomingMessage): boolean;
  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
}

const attachments = new WeakMap<AnyHttpServer, HttpAttachment>();

/**
 * All WebSocket servers on one HTTP server. They share one `'upgrade'` listener, so that a path that none of them
 * serves is answered with 404 once, and left alone when the application listens for upgrades of its own.
 */
export class HttpAttachment {
  readonly #server: AnyHttpServer;
  readonly #takers = new Set<UpgradeTaker>();
  readonly #onUpgrade = (message: IncomingMessage, socket: Duplex, head: Buffer) =>
    this.#dispatch(message, socket, head);

  private constructor(server: AnyHttpServer) {
    this.#server = server;
    server.on("upgrade", this.#onUpgrade);
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
    attachments.delete(server);
  }

  #dispatch(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    for (const taker of this.#takers) {
      if (!taker.takes(message)) continue;
      taker.handleUpgrade(message, socket, head);
      return;
    }
    if (this.#server.listenerCount("upgrade") > 1) return;
    socket.on("error", () => socket.destroy());
    refuse(socket, Refusals.PATH_NOT_FOUND);
  }
}
