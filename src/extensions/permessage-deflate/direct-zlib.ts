import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";

/**
 * The parts of a zlib stream that are used here and are not public: `_handle.writeSync`, `_handle.reset` and
 * `_writeState`. The public API keeps a context only inside a stream, which costs 40 to 120 µs per message for 1 to 5
 * µs of work. No other file knows these parts. If `directZlibWorks` is false, they do not work as expected, and
 * `thread-zlib.ts` does everything by the public API.
 */
interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    at: number,
    length: number,
    output: Uint8Array,
    to: number,
    room: number,
  ): void;
  reset(): void;
  onerror: () => void;
}

interface StreamParts {
  readonly _handle?: Handle | null;
  /** After a write: the unused bytes of the output, and the unread bytes of the input. */
  readonly _writeState?: Uint32Array;
}

/**
 * The newest tested version of node. A newer one is not tried: native code aborts the process on unexpected arguments.
 */
const TESTED_UP_TO = 26;
/** The smallest output buffer of a stream, which is not used here. */
const LEAST_CHUNK = 64;

/** The parameters of a context that compresses. */
export interface DeflateParameters {
  /** 0 to 9. */
  readonly level: number;
  /** 1 to 9. */
  readonly memLevel: number;
  /** The base-2 logarithm of the window in bytes, 9 to 15. */
  readonly windowBits: number;
}

/** A zlib context that compresses or decompresses synchronously, and keeps its history. */
export class DirectZlib {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #handle: Handle;
  readonly #state: Uint32Array;
  /** The unread bytes of the last input. */
  inputLeft = 0;
  /** Whether zlib has reported an error: the context must not be used any more. */
  failed = false;

  private constructor(stream: DeflateRaw | InflateRaw) {
    const { _handle: handle, _writeState: state } = stream as unknown as StreamParts;
    if (typeof handle?.writeSync !== "function" || typeof handle.reset !== "function" || state?.length !== 2) {
      stream.close();
      throw new TypeError("the streams of node:zlib lack the parts that are used here");
    }
    this.#stream = stream;
    this.#handle = handle;
    this.#state = state;
    handle.onerror = () => {
      this.failed = true;
    };
  }

  /** A context that compresses. */
  static deflate(parameters: DeflateParameters): DirectZlib {
    return new DirectZlib(createDeflateRaw({ ...parameters, chunkSize: LEAST_CHUNK }));
  }

  /** A context that decompresses. @param windowBits the base-2 logarithm of the window in bytes, 8 to 15 */
  static inflate(windowBits: number): DirectZlib {
    return new DirectZlib(createInflateRaw({ windowBits, chunkSize: LEAST_CHUNK }));
  }

  /**
   * Processes `input` from `start` to `end` into `output` from `at` to `limit`, and sets `inputLeft` and `failed`.
   *
   * @param flush one of zlib's constants: `Z_SYNC_FLUSH`, `Z_BLOCK`
   * @returns the number of bytes written
   */
  run(
    flush: number,
    input: Uint8Array,
    start: number,
    end: number,
    output: Uint8Array,
    at: number,
    limit = output.length,
  ): number {
    const room = limit - at;
    this.#handle.writeSync(flush, input, start, end - start, output, at, room);
    if (this.failed) return 0;
    this.inputLeft = this.#state[1] as number;
    return room - (this.#state[0] as number);
  }

  /** Resets the history. */
  reset(): void {
    this.#handle.reset();
  }

  /** Frees the memory of zlib. */
  close(): void {
    this.#stream.close();
  }
}

function hasLeft(context: DirectZlib, length: number): boolean {
  return context.inputLeft === length;
}

/** Checks by a round trip all that is relied on: history, the tail of a flush, the stop at a block's end, errors. */
function proveRoundTrip(): boolean {
  const deflate = DirectZlib.deflate({ level: 3, memLevel: 8, windowBits: 15 });
  const inflate = DirectZlib.inflate(15);
  try {
    const message = Buffer.from("Hello, hello!");
    const packed = Buffer.alloc(64);
    const output = Buffer.alloc(64);
    let shortest = packed.length;
    for (let round = 0; round < 2; round++) {
      const length = deflate.run(constants.Z_SYNC_FLUSH, message, 0, message.length, packed, 0);
      if (packed.readUInt32BE(length - 4) !== 0x0000_ffff || length >= shortest) return false;
      shortest = length;
      // Two empty blocks follow, which the stop at a block's end leaves unread.
      packed.fill("\0\0\0\xff\xff\0\0\0\xff\xff", length, length + 10, "latin1");
      const produced = inflate.run(constants.Z_SYNC_FLUSH, packed, 0, length - 4, output, 0);
      if (!message.equals(output.subarray(0, produced)) || !hasLeft(inflate, 0)) return false;
      inflate.run(constants.Z_BLOCK, packed, length - 4, length + 10, output, 0);
      if (!hasLeft(inflate, 10)) return false;
    }
    inflate.run(constants.Z_SYNC_FLUSH, Buffer.from([0xff]), 0, 1, output, 0);
    return inflate.failed && !deflate.failed;
  } finally {
    deflate.close();
    inflate.close();
  }
}

function prove(): boolean {
  if (Number.parseInt(process.versions.node, 10) > TESTED_UP_TO) return false;
  try {
    return proveRoundTrip();
  } catch {
    // Some part is missing. The public API does the same, only slower.
    return false;
  }
}

/** Whether `DirectZlib` works on this version of node. */
export const directZlibWorks: boolean = prove();
