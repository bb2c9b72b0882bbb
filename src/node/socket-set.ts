import type { Duplex } from "node:stream";
import { runGuarded } from "../uncaught.ts";

/** Holds sockets until they close or are released. */
export class SocketSet {
  readonly #sockets = new Set<Duplex>();
  readonly #onClose: (this: Duplex) => void;
  #onEmpty: (() => void) | null = null;

  constructor() {
    const set = this;
    // One function for all: a closure per socket would stay with each connection over TLS.
    this.#onClose = function onClose() {
      set.#delete(this);
    };
  }

  add(socket: Duplex): void {
    this.#sockets.add(socket);
    socket.on("close", this.#onClose);
  }

  /** Forgets a socket, which need not be here. */
  release(socket: Duplex): void {
    socket.off("close", this.#onClose);
    this.#delete(socket);
  }

  /** Fulfilled once no socket is left. */
  whenEmpty(): Promise<void> {
    if (this.#sockets.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }

  destroyAll(): void {
    // A Duplex of the application's own may throw: the others are destroyed all the same.
    for (const socket of this.#sockets) runGuarded(() => socket.destroy());
  }

  #delete(socket: Duplex): void {
    if (this.#sockets.delete(socket) && this.#sockets.size === 0) this.#onEmpty?.();
  }
}
