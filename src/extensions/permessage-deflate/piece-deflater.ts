// Imported, not global: an application's fake timers must not stop a message.
import { setImmediate } from "node:timers";
import { constants, createDeflateRaw, type DeflateRaw } from "node:zlib";
import type { PieceEncoder } from "../extension.ts";
import type { DeflateParameters } from "./direct-zlib.ts";
import { FLUSH_TAIL_LENGTH } from "./flush-tail.ts";

const CHUNK_SIZE = 65_536;
const NOTHING = Buffer.alloc(0);

/**
 * Compresses one message as its bytes come (RFC 7692 section 7.2.1), in zlib's threads and from an empty history. Each
 * piece ends with a flush, so that the peer can inflate it at once. The last four bytes of a flush are left out at the end
 * of the message, so they go in front of the next piece.
 */
export class PieceDeflater implements PieceEncoder {
  readonly #stream: DeflateRaw;
  /** The end of the last flush. */
  #tail: Buffer = NOTHING;
  #onFailed: ((error: Error) => void) | null = null;

  constructor(parameters: DeflateParameters) {
    this.#stream = createDeflateRaw({ ...parameters, chunkSize: CHUNK_SIZE });
    this.#stream.on("error", (error) => this.#onFailed?.(error));
  }

  async encode(payload: Uint8Array, final: boolean): Promise<Uint8Array> {
    // After a flush, a second one in a row would put nothing out; a message that never had a byte is one byte (7.2.3.6).
    if (payload.length === 0) return this.#tail.length === 0 ? Buffer.alloc(1) : NOTHING;
    const flushed = await this.#flushed(payload);
    const encoded = Buffer.concat([this.#tail, flushed.subarray(0, -FLUSH_TAIL_LENGTH)]);
    this.#tail = flushed.subarray(-FLUSH_TAIL_LENGTH);
    if (final) this.close();
    return encoded;
  }

  close(): void {
    this.#stream.destroy();
  }

  #flushed(payload: Uint8Array): Promise<Buffer> {
    const stream = this.#stream;
    const chunks: Buffer[] = [];
    const onData = (chunk: Buffer) => chunks.push(chunk);
    stream.on("data", onData);
    return new Promise<Buffer>((resolve, reject) => {
      this.#onFailed = reject;
      stream.write(payload);
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        // What was put out last is emitted within this turn.
        setImmediate(() => {
          stream.off("data", onData);
          resolve(Buffer.concat(chunks));
        });
      });
    });
  }
}
