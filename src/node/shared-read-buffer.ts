import { Socket, type SocketConstructorOpts } from "node:net";
import { READ_BUFFER } from "../framing/masking-memory.ts";

/** Called for each read: the first `length` bytes of the buffer belong to the reader until it returns. */
export type OnRead = (this: Socket, length: number, buffer: Buffer) => void;

/** The parts of a socket that its public option `onread` sets. */
interface OnReadParts {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** node's native part of a socket. Under TLS the handle has a parent: that of the socket below. */
interface Handle {
  useUserBuffer?(buffer: Buffer): void;
  readonly _parent?: Handle | null;
}

type SocketWithParts = Socket & {
  [part: symbol]: unknown;
  readonly _handle?: Handle | null;
};

/** The names of node's handles whose reads come from the event loop alone. */
const SYSTEM_HANDLES = new Set(["TCP", "Pipe"]);

/**
 * Whether no read can happen while another one is being handled. TLS over a Duplex of the application's own reads
 * whenever that is written to, which may be in the middle of another socket's read: it must not share the buffer.
 */
function readsFromEventLoop(handle: Handle): boolean {
  let lowest = handle;
  while (lowest._parent) lowest = lowest._parent;
  return SYSTEM_HANDLES.has(lowest.constructor.name);
}

/**
 * node:net offers a read buffer of one's own (`onread`) only for sockets that are opened, not for accepted ones. A
 * socket that is made with the option shows where node keeps it, and other sockets then get it in the same place.
 *
 * @returns `null` if this node keeps it in another way
 */
function findParts(): OnReadParts | null {
  const callback = () => true;
  const options: SocketConstructorOpts & { onread: object } = { onread: { buffer: READ_BUFFER, callback } };
  const model = new Socket(options) as SocketWithParts;
  const holding = (value: unknown) => Object.getOwnPropertySymbols(model).find((part) => model[part] === value);
  const parts = { buffer: holding(READ_BUFFER), callback: holding(callback) };
  model.destroy();
  return parts.buffer === undefined || parts.callback === undefined ? null : (parts as OnReadParts);
}

const parts = findParts();

/**
 * Lets a socket read into memory that all sockets share: by itself node takes 64 KiB of fresh memory for each read.
 *
 * @param onRead one function for all sockets: a closure for each would cost every idle connection some hundred bytes
 * @returns `false` if that is not possible: then the socket's `"data"` events go on. Bytes that it has read before come
 *   in them anyway
 */
export function readIntoSharedBuffer(socket: Socket, onRead: OnRead): boolean {
  const own = socket as SocketWithParts;
  const handle = own._handle;
  if (parts === null || typeof handle?.useUserBuffer !== "function" || !readsFromEventLoop(handle)) return false;
  if (own[parts.buffer] !== null || own[parts.callback] !== null) return false;
  own[parts.buffer] = READ_BUFFER;
  own[parts.callback] = onRead;
  handle.useUserBuffer(READ_BUFFER);
  return true;
}
