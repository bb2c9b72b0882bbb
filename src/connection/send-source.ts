import type { Readable } from "node:stream";
import { invalidArgument } from "../arguments/index.ts";

/** Pieces of one message to be sent: anything that can be iterated, a node Readable or a web ReadableStream. */
export type SendSource<Piece> = AsyncIterable<Piece> | Iterable<Piece> | ReadableStream<Piece>;

/** A source as it is read. */
export interface SourceReader {
  next(): Promise<IteratorResult<unknown>>;
  /** The rest is not wanted. Never throws, and waits for nothing. */
  cancel(reason: unknown): void;
}

/**
 * Begins to read a source.
 *
 * @throws TypeError for what cannot be iterated, and for a string or bytes, which are a whole message
 */
export function readerOf(source: unknown): SourceReader {
  const isWhole = typeof source === "string" || ArrayBuffer.isView(source);
  const advice = isWhole ? "use send() for a whole message" : "";
  const isObject = typeof source === "object" && source !== null && !isWhole;
  if (isObject && "getReader" in source) return ofWebStream(source as ReadableStream);
  if (isObject && Symbol.asyncIterator in source) return ofAsync(source as AsyncIterable<unknown>);
  if (isObject && Symbol.iterator in source) return ofSync(source as Iterable<unknown>);
  throw invalidArgument("the source for sendStream()", "iterable, a Readable or a ReadableStream", source, advice);
}

/** By its reader, since the iterator of a stream cannot be stopped while it waits. */
function ofWebStream(stream: ReadableStream): SourceReader {
  const reader = stream.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    cancel: (reason) => void reader.cancel(reason).catch(ignore),
  };
}

function ofAsync(source: AsyncIterable<unknown>): SourceReader {
  const iterator = source[Symbol.asyncIterator]();
  return {
    next: () => iterator.next(),
    cancel() {
      // The iterator of a node stream destroys it only once it has something to read.
      if ("destroy" in source && typeof source.destroy === "function") (source as unknown as Readable).destroy();
      stop(iterator);
    },
  };
}

function ofSync(source: Iterable<unknown>): SourceReader {
  const iterator = source[Symbol.iterator]();
  return {
    async next() {
      const { done = false, value } = iterator.next();
      return { done, value: await value };
    },
    cancel: () => stop(iterator),
  };
}

/** The application's own code: what it throws changes nothing any more. */
function stop(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  try {
    void Promise.resolve(iterator.return?.()).catch(ignore);
  } catch {}
}

function ignore(): void {}
