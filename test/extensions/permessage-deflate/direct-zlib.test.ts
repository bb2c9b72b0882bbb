/** The parts of zlib that are not public are checked when the module is loaded: here with streams that differ. */
import * as zlib from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { directZlibWorks } from "../../../src/extensions/permessage-deflate/direct-zlib.ts";
import { Opcode } from "../../../src/framing/index.ts";
import { MAX_PAYLOAD, PLAIN_CONFIG, wordy } from "./codecs.ts";

type Parts = Record<string, unknown>;
type WriteSync = (flush: number, ...rest: unknown[]) => void;

interface Handle {
  writeSync: WriteSync;
  reset(): void;
}

const SRC = "../../../src/extensions/permessage-deflate";

/** A stream whose public API works and whose other parts are changed. */
function disguised<Stream extends object>(stream: Stream, change: (parts: Parts) => Parts): Stream {
  const { _handle, _writeState } = stream as Parts;
  const shown = change({ _handle, _writeState });
  return new Proxy(stream, {
    get(target, name) {
      if (name in shown) return shown[name as string];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Loads the modules of the codec again, with streams whose parts are changed. */
async function loadWith(change: (parts: Parts) => Parts) {
  vi.resetModules();
  vi.doMock("node:zlib", () => ({
    ...zlib,
    createDeflateRaw: (options: zlib.ZlibOptions) => disguised(zlib.createDeflateRaw(options), change),
    createInflateRaw: (options: zlib.ZlibOptions) => disguised(zlib.createInflateRaw(options), change),
  }));
  const { directZlibWorks } = await import(`${SRC}/direct-zlib.ts`);
  const { processContexts } = await import(`${SRC}/deflate-contexts.ts`);
  const { DeflateCodec } = await import(`${SRC}/deflate-codec.ts`);
  const codec = () => new DeflateCodec(PLAIN_CONFIG, MAX_PAYLOAD);
  return { works: directZlibWorks as boolean, contexts: processContexts as { direct: boolean }, codec };
}

/** Replaces a method of the handle. */
function handleWith(method: (handle: Handle) => Partial<Record<keyof Handle, unknown>>) {
  return (parts: Parts): Parts => {
    const handle = parts["_handle"] as Handle;
    const own = {
      writeSync: (...args: Parameters<WriteSync>) => handle.writeSync(...args),
      reset: () => handle.reset(),
      ...method(handle),
    };
    // zlib calls the real one.
    Object.defineProperty(own, "onerror", { set: (listener) => Reflect.set(handle, "onerror", listener) });
    return { ...parts, _handle: own };
  };
}

/** Makes the handle drop its errors. */
function withoutErrors(parts: Parts): Parts {
  const handle = parts["_handle"] as Handle;
  Object.defineProperty(handle, "onerror", { get: () => () => {}, set() {} });
  return parts;
}

afterEach(() => {
  vi.doUnmock("node:zlib");
  vi.unstubAllGlobals();
  vi.resetModules();
});

it("zlib is driven directly if its parts work as expected", async () => {
  expect(directZlibWorks).toBe(true);
  const { works, contexts } = await loadWith(handleWith(() => ({})));
  expect(works).toBe(true);
  expect(contexts.direct).toBe(true);
});

describe("the fallback to the public API of zlib", () => {
  it.each<[what: string, change: (parts: Parts) => Parts]>([
    ["there is no handle", (parts) => ({ ...parts, _handle: undefined })],
    ["the handle cannot write synchronously", handleWith(() => ({ writeSync: undefined }))],
    ["the handle cannot be reset", handleWith(() => ({ reset: undefined }))],
    ["the counts are missing", (parts) => ({ ...parts, _writeState: undefined })],
    ["there are three counts", (parts) => ({ ...parts, _writeState: new Uint32Array(3) })],
    ["the counts are not updated", (parts) => ({ ...parts, _writeState: new Uint32Array(2) })],
    [
      "writing throws",
      handleWith(() => ({
        writeSync() {
          throw new TypeError("wrong arguments");
        },
      })),
    ],
    ["writing does nothing", handleWith(() => ({ writeSync() {} }))],
    ["errors are not reported", withoutErrors],
    [
      "no history is kept",
      handleWith((handle) => ({
        writeSync(...args: Parameters<WriteSync>) {
          handle.reset();
          handle.writeSync(...args);
        },
      })),
    ],
    [
      "a flush is not a sync flush",
      handleWith((handle) => ({
        writeSync: (flush: number, ...rest: unknown[]) =>
          handle.writeSync(flush === zlib.constants.Z_SYNC_FLUSH ? zlib.constants.Z_NO_FLUSH : flush, ...rest),
      })),
    ],
    [
      "it does not stop at a block's end",
      handleWith((handle) => ({
        writeSync: (flush: number, ...rest: unknown[]) =>
          handle.writeSync(flush === zlib.constants.Z_BLOCK ? zlib.constants.Z_SYNC_FLUSH : flush, ...rest),
      })),
    ],
  ])("the public API of zlib processes all messages if %s", async (_what, change) => {
    const { works, contexts, codec } = await loadWith(change);
    expect(works).toBe(false);
    expect(contexts.direct).toBe(false);
    const [from, to] = [codec(), codec()];
    for (const message of [wordy(500), wordy(500), wordy(100_000)]) {
      const payload: Uint8Array = await from.encode(message, Opcode.Binary, {});
      expect(payload.length).toBeLessThan(message.length);
      expect(message.equals(await to.decode(Buffer.from(payload)))).toBe(true);
    }
  });

  it("zlib is not driven directly on a version of node that was not tested", async () => {
    vi.stubGlobal("process", Object.create(process, { versions: { value: { ...process.versions, node: "999.0.0" } } }));
    expect((await loadWith((parts) => parts)).works).toBe(false);
  });
});
