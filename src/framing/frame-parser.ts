import { checkHeader, LENGTH_PENDING } from "./header-rules.ts";
import { maskInPlace } from "./mask.ts";
import {
  type ControlOpcode,
  FIN_BIT,
  isControl,
  LENGTH_16,
  LENGTH_64,
  LENGTH_BITS,
  MASK_BIT,
  MAX_CONTROL_PAYLOAD,
  MAX_HEADER_SIZE,
  type MessageOpcode,
  OPCODE_BITS,
  RSV_BITS,
} from "./opcode.ts";
import { checkParserParts } from "./reader-arguments.ts";
import type { Violation } from "./violations.ts";

/** The side that reads: a server reads masked frames, a client unmasked ones (RFC 6455 section 5.1). */
export type Role = "server" | "client";

/**
 * Receives what a `FrameParser` reads. A range of bytes lies in the chunk that was pushed and is unmasked. The listener
 * may read and change it until `onChunkEnd`. A method that returns a violation stops the parser for good.
 */
export interface FrameListener {
  /**
   * The header of a data frame. The frame begins a message, or continues one if the opcode is Continuation.
   *
   * @param rsv the reserved bits at their places in the first byte: RSV1 is 0x40
   * @param length the declared length of the frame's payload, in bytes
   * @param final whether it is the last frame of the message
   */
  onDataFrame(opcode: number, rsv: number, length: number, final: boolean): Violation | null;
  /**
   * A message of one frame that lies in one chunk, has no reserved bits and is shorter than 64 KiB, as most are. If the
   * listener has this method, it is called in place of `onDataFrame`, `onPayload` and `onMessageEnd`.
   */
  onWholeMessage?(opcode: MessageOpcode, chunk: Buffer, start: number, end: number): Violation | null;
  /** A part of the current data frame's payload, at least one byte. */
  onPayload(chunk: Buffer, start: number, end: number): Violation | null;
  /** The message has ended. */
  onMessageEnd(): Violation | null;
  /** A whole control frame. */
  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null;
  /** The chunk has been read. Its ranges must not be used any more. */
  onChunkEnd(): void;
}

/** The size of a header, from its second byte: 2, 4 or 10, and 4 more with a masking key. */
function sizeOfHeader(second: number): number {
  const lengthBits = second & LENGTH_BITS;
  const size = lengthBits < LENGTH_16 ? 2 : lengthBits === LENGTH_16 ? 4 : 10;
  return (second & MASK_BIT) === 0 ? size : size + 4;
}

const FAILED = -1;
const NOT_WHOLE = -2;

/** For each first byte of a header: 1 if it is valid without extensions and the frame is a whole data message. */
const IS_WHOLE_MESSAGE = Uint8Array.from({ length: 256 }, (_, first) => {
  const isWhole = (first & FIN_BIT) !== 0 && !isControl(first & OPCODE_BITS);
  return isWhole && checkHeader(first, 0, 0, 0, false, 0, false) === null ? 1 : 0;
});

function readKey(header: Buffer, at: number): number {
  return (
    (header[at] as number) |
    ((header[at + 1] as number) << 8) |
    ((header[at + 2] as number) << 16) |
    ((header[at + 3] as number) << 24)
  );
}

/**
 * Reads frames from chunks of bytes that are split anywhere (RFC 6455 section 5.2). It unmasks payloads in the chunk
 * itself. It copies only a header or a control frame that spans chunks, and makes no object per frame.
 *
 * It has two states: it waits for a header, or it is inside a payload.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FrameParser, Opcode } from "tautline/framing";
 *
 * let text = "";
 * const parser = new FrameParser("client", {
 *   onDataFrame: () => null,
 *   onPayload(chunk, start, end) {
 *     text += chunk.toString("latin1", start, end);
 *     return null;
 *   },
 *   onMessageEnd: () => null,
 *   onControlFrame: (opcode) => (opcode === Opcode.Ping ? null : assert.fail("not a Ping frame")),
 *   onChunkEnd() {},
 * });
 * parser.push(Buffer.from("\x81\x05Hel", "latin1"));
 * parser.push(Buffer.from("lo\x89\x00", "latin1"));
 * assert.equal(text, "Hello");
 * assert.equal(parser.violation, null);
 * ```
 */
export class FrameParser {
  readonly #listener: FrameListener;
  readonly #expectMask: boolean;
  /** The listener, if it has `onWholeMessage`. */
  readonly #wholeListener: Required<FrameListener> | null;
  /**
   * The bits of 0x70 that negotiated extensions use on data frames. They must not be changed inside a message.
   */
  allowedRsv: number;

  #inPayload = false;
  /** FIN, RSV and opcode of the current frame. */
  #first = 0;
  /** The bytes of the current frame's payload that have not arrived. */
  #remaining = 0;
  /** The masking key, rotated for the next byte of the payload. */
  #key = 0;
  #messageOpen = false;

  /** The received part of a header that spans chunks. */
  #header: Buffer | null = null;
  #headerLength = 0;
  /** The received part of a control frame's payload that spans chunks. */
  #control: Buffer | null = null;
  #controlLength = 0;

  #suspended = false;
  #violation: Violation | null = null;

  /**
   * @param role the side that reads: a server expects masked frames
   * @param allowedRsv the bits of 0x70 that negotiated extensions use on data frames
   * @throws TypeError ARGUMENT_INVALID for another role, other bits, or a listener that lacks a method
   */
  constructor(role: Role, listener: FrameListener, allowedRsv = 0) {
    checkParserParts(role, listener, allowedRsv);
    this.#listener = listener;
    this.#expectMask = role === "server";
    this.#wholeListener = listener.onWholeMessage === undefined ? null : (listener as Required<FrameListener>);
    this.allowedRsv = allowedRsv;
  }

  /** A listener calls it to make `push` return after the current frame, with the rest of the chunk unread. */
  suspend(): void {
    this.#suspended = true;
  }

  /** Whether no state is kept: the last byte read ended a message, or a control frame outside a message. */
  get isBetweenMessages(): boolean {
    return !this.#inPayload && !this.#messageOpen && this.#headerLength === 0 && this.#violation === null;
  }

  /** The violation that stopped the parser for good, or `null`. */
  get violation(): Violation | null {
    return this.#violation;
  }

  /**
   * Reads a chunk and unmasks payloads in it. The chunk is not kept.
   *
   * @param from the offset of the first byte to read
   * @returns the offset of the first unread byte: the chunk's length, or less after `suspend()`; -1 after a violation
   */
  push(chunk: Buffer, from = 0): number {
    if (this.#violation !== null) return FAILED;
    this.#suspended = false;
    let at = from;
    while (at < chunk.length && !this.#suspended) {
      at = this.#inPayload ? this.#readPayload(chunk, at) : this.#readFrame(chunk, at);
      if (at === FAILED) return FAILED;
    }
    this.#listener.onChunkEnd();
    return at;
  }

  /**
   * As `push()`, but returns after a header, or after the payload as far as the chunk has it: so that the caller can stop
   * right behind a message.
   */
  step(chunk: Buffer): number {
    if (this.#violation !== null) return FAILED;
    const at = this.#inPayload ? this.#readPayload(chunk, 0) : this.#readFrame(chunk, 0);
    if (at !== FAILED) this.#listener.onChunkEnd();
    return at;
  }

  /**
   * Takes back the beginning of a header that is not whole, so that another parser can go on from there; nothing while a
   * message is open.
   */
  takeHeader(): Buffer {
    const header = this.#header;
    if (header === null || this.#inPayload || this.#messageOpen) return EMPTY;
    const length = this.#headerLength;
    this.#header = null;
    this.#headerLength = 0;
    return header.subarray(0, length);
  }

  #fail(violation: Violation): typeof FAILED {
    this.#violation = violation;
    return FAILED;
  }

  #readFrame(chunk: Buffer, at: number): number {
    const end = this.#readWholeMessage(chunk, at);
    return end === NOT_WHOLE ? this.#readHeader(chunk, at) : end;
  }

  /**
   * The fast path of most frames.
   *
   * @returns NOT_WHOLE for any other frame, and for a violation: the slow path reports it
   */
  #readWholeMessage(chunk: Buffer, at: number): number {
    const listener = this.#wholeListener;
    if (listener === null || this.#messageOpen || this.#headerLength > 0) return NOT_WHOLE;
    const second = chunk[at + 1] as number;
    let start = at + (this.#expectMask ? 6 : 2);
    let length = second & LENGTH_BITS;
    if (length >= LENGTH_16) {
      if (length === LENGTH_64) return NOT_WHOLE;
      length = ((chunk[at + 2] as number) << 8) | (chunk[at + 3] as number);
      if (length < LENGTH_16) return NOT_WHOLE;
      start += 2;
    }
    const end = start + length;
    const isWhole = IS_WHOLE_MESSAGE[chunk[at] as number] === 1 && end <= chunk.length;
    if (!isWhole || ((second & MASK_BIT) !== 0) !== this.#expectMask) return NOT_WHOLE;
    if (this.#expectMask) maskInPlace(chunk, start, end, readKey(chunk, start - 4));
    const opcode = ((chunk[at] as number) & OPCODE_BITS) as MessageOpcode;
    const violation = listener.onWholeMessage(opcode, chunk, start, end);
    return violation === null ? end : this.#fail(violation);
  }

  #readHeader(chunk: Buffer, at: number): number {
    const available = chunk.length - at;
    if (this.#headerLength === 0 && available >= 2) {
      const size = sizeOfHeader(chunk[at + 1] as number);
      if (available >= size) return this.#beginFrame(chunk, at) ? at + size : FAILED;
    }
    return this.#gatherHeader(chunk, at);
  }

  /** The slow path, for a header that spans chunks: it is copied byte by byte. */
  #gatherHeader(chunk: Buffer, from: number): number {
    this.#header ??= Buffer.allocUnsafeSlow(MAX_HEADER_SIZE);
    const header = this.#header;
    for (let at = from; at < chunk.length; at++) {
      header[this.#headerLength++] = chunk[at] as number;
      if (this.#headerLength < 2) continue;
      const size = sizeOfHeader(header[1] as number);
      if (this.#headerLength === size) {
        this.#headerLength = 0;
        this.#header = null;
        return this.#beginFrame(header, 0) ? at + 1 : FAILED;
      }
      if (this.#headerLength === 2) {
        const violation = this.#check(header[0] as number, header[1] as number, LENGTH_PENDING, LENGTH_PENDING);
        if (violation !== null) return this.#fail(violation);
      }
    }
    return chunk.length;
  }

  #check(first: number, second: number, high: number, low: number): Violation | null {
    return checkHeader(first, second, high, low, this.#expectMask, this.allowedRsv, this.#messageOpen);
  }

  /** Handles a whole header. @returns false after a violation */
  #beginFrame(header: Buffer, at: number): boolean {
    const first = header[at] as number;
    const second = header[at + 1] as number;
    const lengthBits = second & LENGTH_BITS;
    let keyAt = at + 2;
    let high = 0;
    let low = lengthBits;
    if (lengthBits === LENGTH_16) {
      low = ((header[at + 2] as number) << 8) | (header[at + 3] as number);
      keyAt = at + 4;
    } else if (lengthBits === LENGTH_64) {
      high = header.readUInt32BE(at + 2);
      low = header.readUInt32BE(at + 6);
      keyAt = at + 10;
    }
    const violation = this.#check(first, second, high, low);
    if (violation !== null) {
      this.#fail(violation);
      return false;
    }
    if (this.#expectMask) {
      this.#key = readKey(header, keyAt);
    }
    return this.#enterPayload(first, high * 0x1_0000_0000 + low);
  }

  #enterPayload(first: number, length: number): boolean {
    this.#first = first;
    this.#remaining = length;
    this.#inPayload = true;
    const opcode = first & OPCODE_BITS;
    if (!isControl(opcode)) {
      const final = (first & FIN_BIT) !== 0;
      this.#messageOpen = !final;
      const violation = this.#listener.onDataFrame(opcode, first & RSV_BITS, length, final);
      if (violation !== null) {
        this.#fail(violation);
        return false;
      }
    }
    // A frame without payload ends with its header: no further byte would end it.
    return length > 0 || this.#readPayload(EMPTY, 0) !== FAILED;
  }

  #readPayload(chunk: Buffer, at: number): number {
    const end = Math.min(chunk.length, at + this.#remaining);
    this.#remaining -= end - at;
    if (this.#expectMask && end > at) this.#key = maskInPlace(chunk, at, end, this.#key);
    const violation = isControl(this.#first & OPCODE_BITS)
      ? this.#takeControl(chunk, at, end)
      : this.#takeData(chunk, at, end);
    return violation === null ? end : this.#fail(violation);
  }

  #takeData(chunk: Buffer, start: number, end: number): Violation | null {
    if (end > start) {
      const violation = this.#listener.onPayload(chunk, start, end);
      if (violation !== null) return violation;
    }
    if (this.#remaining > 0) return null;
    this.#inPayload = false;
    return (this.#first & FIN_BIT) === 0 ? null : this.#listener.onMessageEnd();
  }

  #takeControl(chunk: Buffer, start: number, end: number): Violation | null {
    const opcode = (this.#first & OPCODE_BITS) as ControlOpcode;
    if (this.#remaining === 0) this.#inPayload = false;
    if (this.#remaining === 0 && this.#controlLength === 0) {
      return this.#listener.onControlFrame(opcode, chunk, start, end);
    }
    this.#control ??= Buffer.allocUnsafeSlow(MAX_CONTROL_PAYLOAD);
    const control = this.#control;
    this.#controlLength += chunk.copy(control, this.#controlLength, start, end);
    if (this.#remaining > 0) return null;
    const length = this.#controlLength;
    this.#control = null;
    this.#controlLength = 0;
    return this.#listener.onControlFrame(opcode, control, 0, length);
  }
}

const EMPTY = Buffer.alloc(0);
