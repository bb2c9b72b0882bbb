import { Duplex } from "node:stream";

/**
 * A Duplex around a socket. The bytes pass through unchanged in both directions, and an observer sees each chunk first.
 *
 * The observer must copy the bytes that it keeps: the library unmasks a received chunk in place, and reuses the memory of
 * a sent one.
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
      // Bytes that arrived before an orderly end are still to be read, so the end comes after them.
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
