import { wrongType } from "../arguments/index.ts";
import { FramedMessage } from "../endpoint/framed-message.ts";
import type { SendOptions } from "../extensions/index.ts";
import { Opcode } from "../framing/index.ts";
import { prepareOptions } from "./connection-arguments.ts";
import { asBytes, type BinaryData } from "./payload.ts";

/** The form in which connections send a prepared message. */
export let framedForm: (message: PreparedMessage) => FramedMessage;

/**
 * A message that any number of connections send, each any number of times: `prepare()` makes it. It is put into a frame
 * once, and compressed once for all connections that compress alike.
 *
 * It is compressed by itself. On a connection with context takeover the next message cannot refer to those before the
 * prepared one, and so may be longer.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { PreparedMessage, prepare } from "tautline";
 *
 * const message = prepare("caf\u00e9");
 * assert(message instanceof PreparedMessage);
 * assert.equal(message.data, "caf\u00e9");
 * assert.equal(message.byteLength, 5);
 * ```
 */
export class PreparedMessage {
  readonly #framed: FramedMessage;

  static {
    framedForm = (message) => message.#framed;
  }

  /** @internal */
  constructor(framed: FramedMessage) {
    if (!(framed instanceof FramedMessage)) {
      throw wrongType("ARGUMENT_INVALID", "prepared messages are made by prepare()");
    }
    this.#framed = framed;
  }

  /** A copy of the message: a string for text, a Buffer for binary. */
  get data(): string | Buffer {
    const { opcode, payload } = this.#framed;
    return opcode === Opcode.Text ? payload.toString("utf8") : Buffer.from(payload);
  }

  /** The bytes of the message, before compression. */
  get byteLength(): number {
    return this.#framed.byteLength;
  }
}

/**
 * Makes a message ready for any number of connections: `connection.send(prepared)`, `server.broadcast(prepared)`. Bytes
 * are copied and may change afterwards.
 *
 * @param options whether to compress it, where compression was negotiated
 * @throws TypeError for anything but a string, an ArrayBuffer or a view of one, and for options that are not valid
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { connect, prepare, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0 });
 * const news = prepare(JSON.stringify({ news: "the same for everybody" }), { compress: true });
 * server.on("connection", (connection) => connection.send(news));
 * await once(server, "listening");
 *
 * const connection = await connect(`ws://localhost:${server.address().port}`);
 * const [message] = await once(connection, "message");
 * assert.equal(message, news.data);
 * await server.close();
 * ```
 */
export function prepare(data: string | BinaryData, options?: SendOptions): PreparedMessage;
export function prepare(data: string | BinaryData, options = {}, ...further: unknown[]): PreparedMessage {
  const isText = typeof data === "string";
  const payload = isText ? Buffer.from(data) : asBytes(data);
  const framed = new FramedMessage(isText ? Opcode.Text : Opcode.Binary, payload, prepareOptions(options, further));
  return new PreparedMessage(framed);
}
