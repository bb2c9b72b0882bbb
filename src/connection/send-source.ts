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
  if (isNodeStream(source)) return ofNodeStream(source);
  const iterator = source[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: () => stop(iterator) };
}

function isNodeStream(source: object): source is Readable {
  return "destroy" in source && "on" in source && "off" in source;
}

/**
 * Its iterator begins to listen for errors with the first `next()`, and that may come late: the message waits for its
 * turn. Until then an error of the stream would be thrown. The iterator reports it all the same.
 */
function ofNodeStream(stream: Readable): SourceReader {
  stream.on("error", ignore);
  const iterator = stream[Symbol.asyncIterator]();
  return {
    async next() {
      const result = await iterator.next();
      if (result.done === true) stream.off("error", ignore);
      return result;
    },
    cancel() {
      // The iterator destroys it only once it has something to read.
      attempt(() => stream.destroy());
      stop(iterator);
    },
  };
}

function ofSync(source: Iterable<unknown>): SourceReader {
  const iterator = source[Symbol.iterator]();
  let isRunning = false;
  let isCancelled = false;
  return {
    async next() {
      isRunning = true;
      const { done = false, value } = iterator.next();
      isRunning = false;
      if (isCancelled) stop(iterator);
      return { done, value: await value };
    },
    cancel() {
      isCancelled = true;
      // A generator that closes the connection itself is still running, and cannot be left before its next yield.
      if (!isRunning) stop(iterator);
    },
  };
}

function stop(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
  attempt(() => void Promise.resolve(iterator.return?.()).catch(ignore));
}

/** Runs the application's own code: what it throws changes nothing any more. */
function attempt(cancel: () => void): void {
  try {
    cancel();
  } catch {}
}

function ignore(): void {}
