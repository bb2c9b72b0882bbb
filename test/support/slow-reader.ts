/** A peer that reads its socket slowly, and answers each ping when it reads it. */
import type { Socket } from "node:net";
import { EXAMPLE_KEY, frame, PING, PONG, type Role } from "./frames.ts";
import type { RawPeer } from "./raw-peer.ts";

/** Milliseconds between two reads. */
const PERIOD = 5;

export class SlowReader {
  /** Payload bytes of data frames that were read. */
  bytes = 0;
  /** Pings that were answered. */
  pings = 0;
  readonly #socket: Socket;
  readonly #mask: readonly number[] | null;
  readonly #timer: NodeJS.Timeout;
  #unread: Buffer = Buffer.alloc(0);
  /** The bytes of the current payload that are still to come. */
  #skips = 0;

  /**
   * @param role the role of the connection whose peer this is
   * @param rate bytes per millisecond
   */
  constructor(peer: RawPeer, role: Role, rate: number) {
    this.#socket = peer.socket;
    this.#mask = role === "server" ? EXAMPLE_KEY : null;
    this.#socket.removeAllListeners("data");
    this.#socket.pause();
    this.#socket.on("readable", () => {});
    this.#timer = setInterval(() => this.#read(rate * PERIOD), PERIOD);
    this.#socket.on("close", () => this.stop());
  }

  /** Reads nothing more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  #read(most: number): void {
    for (let room = most; room > 0; ) {
      const chunk = this.#socket.read(Math.min(room, this.#socket.readableLength)) as Buffer | null;
      if (chunk === null) return;
      room -= chunk.length;
      this.#take(chunk);
    }
  }

  #take(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    while (this.#unread.length > 0 && (this.#skip() || this.#takeHeader())) {}
  }

  #skip(): boolean {
    const length = Math.min(this.#skips, this.#unread.length);
    this.#skips -= length;
    this.bytes += length;
    this.#unread = this.#unread.subarray(length);
    return length > 0;
  }

  /** @returns whether there was a whole header, with the payload if it is a control frame's */
  #takeHeader(): boolean {
    const [first = 0, second = 0] = this.#unread;
    if (this.#unread.length < 14 && this.#unread.length < 2 + (second & 0x7f)) return false;
    const short = second & 0x7f;
    const length = short < 126 ? short : short === 126 ? this.#unread.readUInt16BE(2) : this.#unread.readUInt32BE(6);
    const size = (short < 126 ? 2 : short === 126 ? 4 : 10) + ((second & 0x80) === 0 ? 0 : 4);
    const opcode = first & 0x0f;
    if (opcode < 8) {
      this.#unread = this.#unread.subarray(size);
      this.#skips = length;
      return true;
    }
    if (this.#unread.length < size + length) return false;
    if (opcode === PING)
      this.#answer(this.#unread.subarray(size - (second >> 7) * 4, size + length), second >> 7 === 1);
    this.#unread = this.#unread.subarray(size + length);
    return true;
  }

  #answer(bytes: Buffer, isMasked: boolean): void {
    const payload = isMasked ? bytes.subarray(4).map((octet, index) => octet ^ (bytes[index % 4] as number)) : bytes;
    this.pings++;
    this.#socket.write(frame({ opcode: PONG, payload, mask: this.#mask }));
  }
}
