import { Duplex } from "node:stream";

/**
 * A Duplex around a socket: the bytes pass through both ways unchanged, and an observer sees each chunk first.
 *
 * It must read what it wants before it returns, or copy it: the library unmasks what it reads in place, and uses the
 * memory of what it has written again.
 */
export class WireTap extends Duplex {
  #socket;
  #observer;

  /**
   * @param {Duplex} socket
   * @param {{ inbound(bytes: Buffer): void, outbound(bytes: Buffer): void }} observer
   */
  constructor(socket, observer) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#observer = observer;

    let ended = false;
    socket.pause();
    socket.on("data", (chunk) => {
      observer.inbound(chunk);
      if (!this.push(chunk)) socket.pause();
    });
    socket.on("end", () => {
      ended = true;
      this.push(null);
    });
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => {
      // What arrived before an orderly end is still to be read: the end comes after it.
      if (ended && !this.readableEnded) this.once("end", () => this.destroy());
      else this.destroy();
    });
  }

  _read() {
    this.#socket.resume();
  }

  _write(chunk, _encoding, done) {
    this.#observer.outbound(chunk);
    this.#socket.write(chunk, done);
  }

  _final(done) {
    this.#socket.end(done);
  }

  _destroy(error, done) {
    this.#socket.destroy();
    done(error);
  }
}
