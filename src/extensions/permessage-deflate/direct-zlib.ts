import { constants, createDeflateRaw, createInflateRaw, type DeflateRaw, type InflateRaw } from "node:zlib";

/**
 * Drives a zlib context of node's synchronously and keeps it: the public API offers that only through a stream, which
 * costs 40 to 120 microseconds a message where the work takes 1 to 5. What is used here beside it is not public:
 * `_handle.writeSync`, `_handle.reset` and `_writeState`. No other file knows them, `directZlibWorks` says whether
 * they do what is expected, and where they don't, everything goes through the public API (`pool-zlib.ts`).
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
  /** What a write has left: room in the output, and bytes of the input. */
  readonly _writeState?: Uint32Array;
}

/** The newest node that this has been tested on: native code aborts on arguments that it does not know. */
const TESTED_UP_TO = 26;
/** The output buffer that comes with each stream is not used: the smallest that is allowed. */
const LEAST_CHUNK = 64;

export interface DeflateParameters {
  readonly level: number;
  readonly memLevel: number;
  readonly windowBits: number;
}

/** A persistent DEFLATE context, in either direction. */
export class DirectZlib {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #handle: Handle;
  readonly #state: Uint32Array;
  /** Bytes of the last input that were not taken. */
  inputLeft = 0;
  /** Whether zlib has reported an error: the context is of no use any more. */
  failed = false;

  private constructor(stream: DeflateRaw | InflateRaw) {
    const { _handle: handle, _writeState: state } = stream as unknown as StreamParts;
    if (typeof handle?.writeSync !== "function" || typeof handle.reset !== "function" || state?.length !== 2) {
      stream.close();
      throw new TypeError("node:zlib is not built as it was when this was written");
    }
    this.#stream = stream;
    this.#handle = handle;
    this.#state = state;
    handle.onerror = () => {
      this.failed = true;
    };
  }

  static deflate(parameters: DeflateParameters): DirectZlib {
    return new DirectZlib(createDeflateRaw({ ...parameters, chunkSize: LEAST_CHUNK }));
  }

  static inflate(windowBits: number): DirectZlib {
    return new DirectZlib(createInflateRaw({ windowBits, chunkSize: LEAST_CHUNK }));
  }

  /**
   * Works on `input` from `start` to `end`, into `output` from `at` to `limit`; `inputLeft` and `failed` tell more.
   *
   * @returns how many bytes were put out
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

  /** Forgets everything that went through. */
  reset(): void {
    this.#handle.reset();
  }

  close(): void {
    this.#stream.close();
  }
}

function hasLeft(context: DirectZlib, length: number): boolean {
  return context.inputLeft === length;
}

/** A round trip with all that is relied on: history, the flush's tail, the stop at a block's end, errors. */
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
      // Two empty blocks follow: the stop at a block's end leaves them.
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
    // Whatever is missing: the public API does it all, only slower.
    return false;
  }
}

/** Whether contexts can be driven synchronously on this node. */
export const directZlibWorks: boolean = prove();
