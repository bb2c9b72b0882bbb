import { constants, deflateRawSync, inflateRawSync } from "node:zlib";

const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);
const WINDOW = 32_768;
const RSV1 = 0x40;

function header(first, length, maskBit) {
  if (length < 126) return Buffer.from([first, maskBit | length]);
  const extended = Buffer.alloc(length <= 0xffff ? 4 : 10);
  extended[0] = first;
  extended[1] = maskBit | (length <= 0xffff ? 126 : 127);
  if (length <= 0xffff) extended.writeUInt16BE(length, 2);
  else extended.writeBigUInt64BE(BigInt(length), 2);
  return extended;
}

/** A message in one frame, masked as a client does it. */
export function maskedFrame(opcode, payload, isCompressed) {
  const masked = Buffer.from(payload);
  for (let at = 0; at < masked.length; at++) masked[at] ^= KEY[at & 3];
  return Buffer.concat([header(0x80 | (isCompressed ? RSV1 : 0) | opcode, payload.length, 0x80), KEY, masked]);
}

/** A message in one frame of a server. */
export function unmaskedFrame(opcode, payload) {
  const bytes = Buffer.from(payload);
  return Buffer.concat([header(0x80 | opcode, bytes.length, 0), bytes]);
}

/**
 * Compresses messages one after the other as a client does it, with or without context takeover. The first one refers to
 * nothing before it, so the sequence can be sent again and again.
 */
export function deflateInTurn(messages, takeover) {
  let history = Buffer.alloc(0);
  return messages.map((message) => {
    const dictionary = takeover && history.length > 0 ? { dictionary: history } : {};
    const flushed = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
    history = Buffer.concat([history, message]).subarray(-WINDOW);
    return flushed.subarray(0, -TAIL.length);
  });
}

/** Inflates the messages of a peer one after the other, with or without context takeover. */
export class Inflation {
  #history = Buffer.alloc(0);
  #takeover;

  constructor(takeover) {
    this.#takeover = takeover;
  }

  inflate(payload) {
    const dictionary = this.#takeover && this.#history.length > 0 ? { dictionary: this.#history } : {};
    const input = Buffer.concat([payload, TAIL]);
    const message = inflateRawSync(input, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
    this.#history = Buffer.concat([this.#history, message]).subarray(-WINDOW);
    return message;
  }
}

/** The length of a header by its second byte, the masking key included. */
function headerLength(second) {
  const bits = second & 0x7f;
  return (bits < 126 ? 2 : bits === 126 ? 4 : 10) + (second & 0x80 ? 4 : 0);
}

function payloadLength(header) {
  const bits = header[1] & 0x7f;
  return bits < 126 ? bits : bits === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
}

/** Counts the frames in the bytes that arrive, and keeps none of them. */
export class FrameCounter {
  #onFrame;
  #header = Buffer.alloc(14);
  #headerLength = 0;
  #remaining = 0;

  /** @param onFrame called at the end of each frame */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk) {
    let at = 0;
    while (at < chunk.length) at = this.#remaining > 0 ? this.#skip(chunk, at) : this.#readHeader(chunk, at);
  }

  #skip(chunk, at) {
    const skipped = Math.min(this.#remaining, chunk.length - at);
    this.#remaining -= skipped;
    if (this.#remaining === 0) this.#onFrame();
    return at + skipped;
  }

  #readHeader(chunk, at) {
    const header = this.#header;
    let next = at;
    while (next < chunk.length) {
      header[this.#headerLength++] = chunk[next++];
      if (this.#headerLength < 2 || this.#headerLength < headerLength(header[1])) continue;
      this.#headerLength = 0;
      this.#remaining = payloadLength(header);
      if (this.#remaining === 0) this.#onFrame();
      return next;
    }
    return next;
  }
}

/** Reads one frame after the other, and unmasks its payload. */
export class FrameReader {
  #pending = Buffer.alloc(0);

  /** @returns `{ isCompressed, payload }` once a frame is complete, and `null` before */
  push(chunk) {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    const pending = this.#pending;
    if (pending.length < 2 || pending.length < headerLength(pending[1])) return null;
    const start = headerLength(pending[1]);
    const end = start + payloadLength(pending);
    if (pending.length < end) return null;
    this.#pending = pending.subarray(end);
    const payload = Buffer.from(pending.subarray(start, end));
    // The plain `net` server returns masked frames as it received them.
    if (pending[1] & 0x80) for (let at = 0; at < payload.length; at++) payload[at] ^= KEY[at & 3];
    return { isCompressed: (pending[0] & RSV1) !== 0, payload };
  }
}
