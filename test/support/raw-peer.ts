/** One end of a TCP or TLS connection that a test controls. It sends bytes unchanged and keeps all bytes that arrive. */
import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { onTestFinished } from "vitest";
import { type DecodedFrame, decodeFrame } from "./frames.ts";
import { type HeadChanges, requestText } from "./heads.ts";

export interface RawResponse {
  readonly status: number;
  /** By lower-case name; the values of several lines are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The whole head, as latin1. */
  readonly text: string;
}

export class RawPeer {
  readonly socket: Socket;
  /** The bytes that have arrived and were not taken yet. */
  received: Buffer = Buffer.alloc(0);
  /** The other side has ended its direction. */
  ended = false;
  closed = false;
  error: Error | null = null;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#look();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#look();
    });
    socket.on("error", (error) => {
      this.error = error;
    });
    socket.on("close", () => {
      this.closed = true;
      this.#look();
    });
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  /** Waits until `find` returns something; fails if the connection closes before. */
  until<Found>(what: string, find: () => Found | null | false): Promise<Found> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found !== null && found !== false) {
          this.#watchers.delete(look);
          resolve(found);
        } else if (this.closed) {
          this.#watchers.delete(look);
          const error = this.error === null ? "" : ` by ${this.error.message}`;
          reject(new Error(`the connection closed${error} while ${what} was awaited; left: ${this.received}`));
        }
      };
      this.#watchers.add(look);
      look();
    });
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
  }

  /** Takes one head, without the empty line. */
  head(): Promise<string> {
    return this.until("a head", () => {
      const end = this.received.indexOf("\r\n\r\n");
      if (end < 0) return null;
      const head = this.received.toString("latin1", 0, end);
      this.received = this.received.subarray(end + 4);
      return head;
    });
  }

  /** Takes one frame. */
  frame(): Promise<DecodedFrame> {
    return this.until("a frame", () => {
      const frame = decodeFrame(this.received);
      if (frame === null || BigInt(frame.payload.length) < frame.length) return null;
      this.received = this.received.subarray(frame.size);
      return frame;
    });
  }

  /** Waits for the other side's FIN. */
  async end(): Promise<void> {
    await this.until("the end", () => this.ended);
  }

  /** Waits until the connection is closed on both sides. */
  async close(): Promise<void> {
    await this.until("the close", () => this.closed);
  }

  /** Takes a whole response, which must be followed by the end of the connection. */
  async response(): Promise<RawResponse> {
    await this.end();
    const text = this.received.toString("latin1");
    this.received = Buffer.alloc(0);
    return parseResponse(text);
  }
}

export function parseResponse(text: string): RawResponse {
  const end = text.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = text.slice(0, end).split("\r\n");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const name = line.slice(0, line.indexOf(":")).toLowerCase();
    const value = line.slice(line.indexOf(":") + 1).trim();
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return { status: Number(statusLine.split(" ")[1]), headers, body: text.slice(end + 4), text };
}

export interface RawOptions {
  /** Keeps our direction open when the other side ends. */
  readonly halfOpen?: boolean;
  /** Uses TLS, and trusts this certificate. */
  readonly ca?: string;
}

/** An open TCP or TLS connection to 127.0.0.1. */
export async function openRaw(port: number, { halfOpen = false, ca }: RawOptions = {}): Promise<RawPeer> {
  const where = { port, host: "127.0.0.1", allowHalfOpen: halfOpen, noDelay: true };
  const socket = ca === undefined ? connectTcp(where) : connectTls({ ...where, ca });
  const peer = new RawPeer(socket);
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, ca === undefined ? "connect" : "secureConnect");
  return peer;
}

/** A whole request for a WebSocket, with its end. */
export function upgrade(changes: HeadChanges = {}, line?: string): string {
  return `${requestText(changes, line)}\r\n\r\n`;
}

/** A connection whose opening handshake is done; `head` is the server's. */
export async function openWebSocket(
  port: number,
  changes: HeadChanges = {},
  options: RawOptions & { readonly line?: string } = {},
): Promise<{ peer: RawPeer; head: string }> {
  const peer = await openRaw(port, options);
  peer.send(upgrade(changes, options.line));
  const head = await peer.head();
  if (!head.startsWith("HTTP/1.1 101 ")) throw new Error(`refused: ${head}\n${peer.received}`);
  return { peer, head };
}

/** Sends one request and returns the whole response; the connection must end after it. */
export async function ask(port: number, request: string | Uint8Array, options?: RawOptions): Promise<RawResponse> {
  const peer = await openRaw(port, options);
  peer.send(request);
  return peer.response();
}
