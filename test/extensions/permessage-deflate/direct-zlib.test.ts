/** What is relied on beside zlib's public API is proved when the module is loaded: here on zlibs that are not as they were. */
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

/** The stream, working as ever, that shows other parts to whoever looks beside its public API. */
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

/** The codec's modules, loaded anew over streams whose parts were changed. */
async function loadWith(change: (parts: Parts) => Parts) {
  vi.resetModules();
  vi.doMock("node:zlib", () => ({
    ...zlib,
    createDeflateRaw: (options: zlib.ZlibOptions) => disguised(zlib.createDeflateRaw(options), change),
    createInflateRaw: (options: zlib.ZlibOptions) => disguised(zlib.createInflateRaw(options), change),
  }));
  const { directZlibWorks } = await import(`${SRC}/direct-zlib.ts`);
  const { commonContexts } = await import(`${SRC}/deflate-contexts.ts`);
  const { DeflateCodec } = await import(`${SRC}/deflate-codec.ts`);
  const codec = () => new DeflateCodec(PLAIN_CONFIG, MAX_PAYLOAD);
  return { works: directZlibWorks as boolean, contexts: commonContexts as { direct: boolean }, codec };
}

/** The same handle with a method of its own. */
function handleWith(method: (handle: Handle) => Partial<Record<keyof Handle, unknown>>) {
  return (parts: Parts): Parts => {
    const handle = parts["_handle"] as Handle;
    const own = {
      writeSync: (...args: Parameters<WriteSync>) => handle.writeSync(...args),
      reset: () => handle.reset(),
      ...method(handle),
    };
    // zlib tells errors to the real one.
    Object.defineProperty(own, "onerror", { set: (listener) => Reflect.set(handle, "onerror", listener) });
    return { ...parts, _handle: own };
  };
}

/** A handle that tells nobody of its errors. */
function deafToErrors(parts: Parts): Parts {
  const handle = parts["_handle"] as Handle;
  Object.defineProperty(handle, "onerror", { get: () => () => {}, set() {} });
  return parts;
}

afterEach(() => {
  vi.doUnmock("node:zlib");
  vi.unstubAllGlobals();
  vi.resetModules();
});

it("drives zlib directly where it is as it was", async () => {
  expect(directZlibWorks).toBe(true);
  const { works, contexts } = await loadWith(handleWith(() => ({})));
  expect(works).toBe(true);
  expect(contexts.direct).toBe(true);
});

describe("the public API does it all, and messages pass as ever, where", () => {
  it.each<[what: string, change: (parts: Parts) => Parts]>([
    ["there is no handle", (parts) => ({ ...parts, _handle: undefined })],
    ["the handle cannot write at once", handleWith(() => ({ writeSync: undefined }))],
    ["the handle cannot be reset", handleWith(() => ({ reset: undefined }))],
    ["nothing tells how much was written", (parts) => ({ ...parts, _writeState: undefined })],
    ["another count is told", (parts) => ({ ...parts, _writeState: new Uint32Array(3) })],
    ["the counts are not kept", (parts) => ({ ...parts, _writeState: new Uint32Array(2) })],
    [
      "writing throws",
      handleWith(() => ({
        writeSync() {
          throw new TypeError("other arguments are wanted");
        },
      })),
    ],
    ["writing does nothing", handleWith(() => ({ writeSync() {} }))],
    ["errors are not told", deafToErrors],
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
  ])("%s", async (_what, change) => {
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

  it("node is newer than any that this was tested on", async () => {
    vi.stubGlobal("process", Object.create(process, { versions: { value: { ...process.versions, node: "999.0.0" } } }));
    expect((await loadWith((parts) => parts)).works).toBe(false);
  });
});
