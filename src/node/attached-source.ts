import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type AnyHttpServer, HttpAttachment, type UpgradeTaker } from "./http-attachment.ts";
import { portAddress, type SocketSource } from "./socket-source.ts";

/** The events of the HTTP server that a WebSocket server is attached to. */
export interface AttachedSourceEvents {
  onListening(): void;
  onUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** The upgrades of an HTTP server, for one of the WebSocket servers that are attached to it. */
export class AttachedSource implements SocketSource, UpgradeTaker {
  readonly #http: AnyHttpServer;
  readonly #isServed: (target: string) => boolean;
  readonly #events: AttachedSourceEvents;
  /** Pending if the HTTP server listened already, and that has not been reported. */
  #announcement: NodeJS.Immediate | null = null;

  /** @param isServed whether a request target is for this server; an exception counts as yes */
  constructor(http: AnyHttpServer, isServed: (target: string) => boolean, events: AttachedSourceEvents) {
    this.#http = http;
    this.#isServed = isServed;
    this.#events = events;
    HttpAttachment.add(http, this);
    // After this turn, so that a listener attached later in it, or in a promise's callback, is in time.
    if (http.listening) this.#announcement = setImmediate(() => this.#announce());
  }

  address(): AddressInfo {
    return portAddress(this.#http);
  }

  close(): Promise<void> {
    HttpAttachment.remove(this.#http, this);
    if (this.#announcement !== null) clearImmediate(this.#announcement);
    return Promise.resolve();
  }

  takes(message: IncomingMessage): boolean {
    try {
      return this.#isServed(message.url ?? "");
    } catch {
      // It will throw again when the request is judged, which answers with 500.
      return true;
    }
  }

  handleUpgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#events.onUpgrade(message, socket, head);
  }

  /** With an announcement pending, this event belongs to the same start of the HTTP server. */
  onListening(): void {
    if (this.#announcement === null) this.#events.onListening();
  }

  #announce(): void {
    this.#announcement = null;
    if (this.#http.listening) this.#events.onListening();
  }
}
