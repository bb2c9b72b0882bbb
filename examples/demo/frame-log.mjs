// Frames for display (RFC 6455, section 5.2). Unlike a parser, this reader keeps the bytes of the header.

const NAMES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
const PREVIEW_BYTES = 200;
const RAW_BYTES = 16;
const LONGEST_HEADER = 14;

/**
 * Reads one direction of a connection, in chunks split anywhere, and passes a record of each whole frame to `onFrame`.
 * It copies the bytes that it keeps, at most a header and a preview, so the chunks may change once `push` has returned.
 */
export class FrameLog {
  #onFrame;
  #header = Buffer.alloc(LONGEST_HEADER);
  #headerLength = 0;
  #inPayload = false;
  #length = 0;
  #taken = 0;
  #preview = Buffer.alloc(PREVIEW_BYTES);
  #messageOpcode = 0;

  /** @param {(frame: import("./frame-log.mjs").FrameRecord) => void} onFrame */
  constructor(onFrame) {
    this.#onFrame = onFrame;
  }

  /** @param {Uint8Array} bytes */
  push(bytes) {
    let at = 0;
    while (at < bytes.length) at = this.#inPayload ? this.#takePayload(bytes, at) : this.#takeHeaderByte(bytes, at);
  }

  #takeHeaderByte(bytes, at) {
    this.#header[this.#headerLength++] = bytes[at];
    if (this.#headerLength === this.#headerSize()) {
      this.#length = this.#readLength();
      this.#taken = 0;
      this.#inPayload = true;
      if (this.#length === 0) this.#finish();
    }
    return at + 1;
  }

  #takePayload(bytes, from) {
    const to = Math.min(bytes.length, from + this.#length - this.#taken);
    if (this.#taken < PREVIEW_BYTES)
      this.#preview.set(bytes.subarray(from, Math.min(to, from + PREVIEW_BYTES - this.#taken)), this.#taken);
    this.#taken += to - from;
    if (this.#taken === this.#length) this.#finish();
    return to;
  }

  /** The length of this header as far as the bytes read so far show it. */
  #headerSize() {
    if (this.#headerLength < 2) return 2;
    const shortLength = this.#header[1] & 0x7f;
    return 2 + (shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0) + (this.#header[1] & 0x80 ? 4 : 0);
  }

  #readLength() {
    const shortLength = this.#header[1] & 0x7f;
    if (shortLength === 127) return Number(this.#header.readBigUInt64BE(2));
    return shortLength === 126 ? this.#header.readUInt16BE(2) : shortLength;
  }

  #finish() {
    const header = this.#header.subarray(0, this.#headerLength);
    const opcode = header[0] & 0x0f;
    const masked = (header[1] & 0x80) !== 0;
    const maskKey = masked ? header.subarray(-4) : undefined;
    const shown = this.#preview.subarray(0, Math.min(this.#length, PREVIEW_BYTES));
    const rawPayload = shown.toString("hex", 0, Math.min(shown.length, RAW_BYTES));
    if (maskKey) for (let i = 0; i < shown.length; i++) shown[i] ^= maskKey[i & 3];
    if (opcode === 1 || opcode === 2) this.#messageOpcode = opcode;

    const rsv = (header[0] >> 4) & 7;
    this.#inPayload = false;
    this.#headerLength = 0;
    this.#onFrame({
      fin: (header[0] & 0x80) !== 0,
      rsv,
      opcode,
      opcodeName: NAMES[opcode] ?? `reserved ${opcode}`,
      masked,
      maskKey: maskKey?.toString("hex"),
      length: this.#length,
      rawHeader: header.toString("hex"),
      rawPayload,
      payload: preview(opcode === 0 ? this.#messageOpcode : opcode, rsv, shown, this.#length > PREVIEW_BYTES),
    });
  }
}

/** The beginning of an unmasked payload in readable form: as text if it is text, and otherwise in hexadecimal. */
function preview(opcode, rsv, bytes, truncated) {
  if (opcode === 8 && bytes.length >= 2) {
    return { form: "close", text: `${bytes.readUInt16BE(0)} ${bytes.toString("utf8", 2)}`.trimEnd(), truncated };
  }
  // An RSV bit shows that an extension has changed the payload: its bytes are not the message's.
  if (opcode !== 2 && rsv === 0) {
    try {
      // A preview may end within a character: `stream` leaves out the incomplete end.
      return {
        form: "text",
        text: new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }),
        truncated,
      };
    } catch {
      // A fragment may begin within a character, and a ping may hold any bytes.
    }
  }
  return { form: "hex", text: bytes.toString("hex"), truncated };
}
