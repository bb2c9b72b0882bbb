import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import { maskedFrame } from "./frames.mjs";

const END_OF_HEAD = "\r\n\r\n";
const AT_ONCE = 50;

const CLOSE = maskedFrame(0x8, Buffer.from([0x03, 0xe8]));

/** All sockets read into this buffer, since the load should need less CPU than the server. */
const BUFFER = Buffer.allocUnsafeSlow(65_536);

/** A minimal WebSocket client. */
export class BenchClient {
  #onBytes = () => {};
  #onEnd;
  socket;
  /** The extensions that the server has accepted. */
  extensions = "";

  /**
   * @param where `port`; `tls` for TLS without a check of the certificate; `extensions` to offer; `fields`, further
   *   lines of the request's header
   */
  static async open({ port, tls = false, extensions = "", fields = "" }) {
    const client = new BenchClient({ port, host: "127.0.0.1", noDelay: true }, tls);
    await client.#shakeHands(port, extensions, fields);
    client.#onEnd = () => {
      throw new Error("the server has closed a connection");
    };
    return client;
  }

  /** Opens many connections, a few at a time. */
  static async openAll(count, where) {
    const clients = [];
    while (clients.length < count) {
      const some = Array.from({ length: Math.min(AT_ONCE, count - clients.length) }, () => BenchClient.open(where));
      clients.push(...(await Promise.all(some)));
    }
    return clients;
  }

  constructor(where, tls) {
    const callback = (length) => this.#onBytes(BUFFER.subarray(0, length));
    const options = { ...where, onread: { buffer: BUFFER, callback } };
    this.socket = tls ? connectTls({ ...options, rejectUnauthorized: false }) : connect(options);
    this.socket.on("close", () => this.#onEnd?.());
  }

  /** @param onBytes receives the bytes that arrive, in memory that is reused once it returns */
  read(onBytes) {
    this.#onBytes = onBytes;
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  /** Resets the connection, which leaves no port in TIME_WAIT. */
  reset() {
    this.#onEnd = undefined;
    if (this.socket.encrypted) this.socket.destroy();
    else this.socket.resetAndDestroy();
  }

  /** Closes cleanly: a Close frame each way, and then the end of both sides. */
  async close() {
    this.#onEnd = undefined;
    const closed = once(this.socket, "close");
    this.read(() => this.socket.end());
    this.write(CLOSE);
    await closed;
  }

  async #shakeHands(port, extensions, fields) {
    const offer = extensions === "" ? "" : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
    this.write(
      `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${offer}${fields}\r\n`,
    );
    const head = await new Promise((resolve, reject) => {
      let text = "";
      this.#onEnd = () => reject(new Error(`the handshake was cut off: ${text}`));
      this.socket.once("error", reject);
      this.read((bytes) => {
        text += bytes.latin1Slice();
        if (text.includes(END_OF_HEAD)) resolve(text);
      });
    });
    if (!head.startsWith("HTTP/1.1 101")) throw new Error(`the handshake failed: ${head}`);
    this.extensions = /^sec-websocket-extensions: *(.*?)\r$/im.exec(head)?.[1] ?? "";
  }
}
