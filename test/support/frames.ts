/**
 * A naive frame builder and a naive reader, written from the sentences of RFC 6455 alone. They contain no code of `src/`,
 * are not fast, and work on whole byte strings. The tests compare the real code with them.
 */

export type Role = "server" | "client";
/** The three ways to write a payload length (RFC 6455 section 5.2), by the bits that hold it. */
export type LengthForm = 7 | 16 | 64;

export interface FrameSpec {
  fin?: boolean | undefined;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  rsv?: number | undefined;
  opcode: number;
  payload?: Uint8Array | string | undefined;
  /** The four octets of the masking key; none for a frame that is not masked. */
  mask?: readonly number[] | null | undefined;
  /** The shortest form that holds the length by default. */
  lengthForm?: LengthForm | undefined;
  /** The length in the header, if it differs from the payload's length. */
  declaredLength?: number | bigint | undefined;
}

export const TEXT = 0x1;
export const BINARY = 0x2;
export const CONTINUATION = 0x0;
export const CLOSE = 0x8;
export const PING = 0x9;
export const PONG = 0xa;

/** The masking key of the examples in RFC 6455 section 5.7. */
export const EXAMPLE_KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

/** RFC 6455 section 5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4). */
export function maskNaively(payload: Uint8Array, key: readonly number[]): Buffer {
  return Buffer.from(payload.map((octet, i) => octet ^ (key[i % 4] as number)));
}

function shortestForm(length: bigint): LengthForm {
  if (length <= 125n) return 7;
  return length <= 65535n ? 16 : 64;
}

function bigEndian(value: bigint, octets: number): number[] {
  return Array.from({ length: octets }, (_, i) => Number((value >> BigInt(8 * (octets - 1 - i))) & 0xffn));
}

/** One frame, bit for bit as the figure in RFC 6455 section 5.2 draws it. */
export function frame(spec: FrameSpec): Buffer {
  const payload = Buffer.from(spec.payload ?? "");
  const mask = spec.mask ?? null;
  const length = BigInt(spec.declaredLength ?? payload.length);
  const form = spec.lengthForm ?? shortestForm(length);
  const first = (spec.fin === false ? 0 : 128) + (spec.rsv ?? 0) * 16 + spec.opcode;
  const sevenBits = form === 7 ? Number(length) : form === 16 ? 126 : 127;
  const extended = form === 7 ? [] : bigEndian(length, form === 16 ? 2 : 8);
  const header = Buffer.from([first, (mask === null ? 0 : 128) + sevenBits, ...extended, ...(mask ?? [])]);
  return Buffer.concat([header, mask === null ? payload : maskNaively(payload, mask)]);
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether the bytes are whole, valid UTF-8. */
export function isWholeUtf8(bytes: Uint8Array): boolean {
  return decodes(bytes);
}

/** The text with U+FFFD for each lone surrogate, as UTF-8 cannot encode these. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

/** Bytes that complete a character, for every beginning of a character. */
const COMPLETIONS = [0x80, 0x90, 0xa0].flatMap((next) => [[next], [next, 0x80], [next, 0x80, 0x80]]);

/** Whether some valid UTF-8 begins with the bytes: found by trying to complete them. */
export function canBecomeUtf8(bytes: Uint8Array): boolean {
  return decodes(bytes) || COMPLETIONS.some((completion) => decodes(Buffer.concat([bytes, Buffer.from(completion)])));
}

export interface HeaderFacts {
  first: number;
  second: number;
  /** The extended length; `null` while its bytes have not arrived, or if there is none. */
  extended: bigint | null;
  /** The role of the reader. */
  role: Role;
  /** The reserved bits that extensions use on data frames, at their places in the first byte. */
  allowedRsv?: number | undefined;
  messageOpen: boolean;
}

/** The codes of all the rules that a header breaks, each from its sentence in RFC 6455 section 5. */
export function brokenHeaderRules(header: HeaderFacts): string[] {
  const { first, second, extended, role, messageOpen } = header;
  const fin = first >= 128;
  const opcode = first % 16;
  const masked = second >= 128;
  const sevenBits = second % 128;
  const isControl = [0x8, 0x9, 0xa, 0xb, 0xc, 0xd, 0xe, 0xf].includes(opcode);
  const broken: string[] = [];
  for (const bit of [0x40, 0x20, 0x10]) {
    const hasMeaning = !isControl && ((header.allowedRsv ?? 0) & bit) === bit;
    if ((first & bit) === bit && !hasMeaning) broken.push("RESERVED_BITS");
    if ((first & bit) === bit && opcode === CONTINUATION) broken.push("RESERVED_BITS_ON_CONTINUATION");
  }
  if ([0x3, 0x4, 0x5, 0x6, 0x7, 0xb, 0xc, 0xd, 0xe, 0xf].includes(opcode)) broken.push("RESERVED_OPCODE");
  if (role === "server" && !masked) broken.push("MASK_MISSING");
  if (role === "client" && masked) broken.push("MASK_UNEXPECTED");
  if (isControl && sevenBits > 125) broken.push("CONTROL_TOO_LONG");
  if (isControl && !fin) broken.push("CONTROL_FRAGMENTED");
  if (opcode === CONTINUATION && !messageOpen) broken.push("CONTINUATION_UNEXPECTED");
  if ((opcode === TEXT || opcode === BINARY) && messageOpen) broken.push("CONTINUATION_MISSING");
  if (extended !== null) {
    if (sevenBits === 126 && extended < 126n) broken.push("LENGTH_NOT_MINIMAL");
    if (sevenBits === 127 && extended < 65536n) broken.push("LENGTH_NOT_MINIMAL");
    if (extended >= 2n ** 63n) broken.push("LENGTH_HIGH_BIT");
    if (extended > 2n ** 53n - 1n) broken.push("LENGTH_UNSAFE");
  }
  return broken;
}

export interface DecodedFrame {
  fin: boolean;
  rsv: number;
  opcode: number;
  masked: boolean;
  /** Unmasked; shorter than `length` if the bytes end inside the frame. */
  payload: Buffer;
  length: bigint;
  lengthForm: LengthForm;
  /** The number of bytes of header and payload that are there. */
  size: number;
}

interface Header {
  size: number;
  extended: bigint | null;
  complete: boolean;
}

function readHeader(bytes: Buffer): Header | null {
  const second = bytes[1];
  if (second === undefined) return null;
  const octets = second % 128 === 126 ? 2 : second % 128 === 127 ? 8 : 0;
  const size = 2 + octets + (second >= 128 ? 4 : 0);
  const complete = bytes.length >= size;
  const extended = octets > 0 && complete ? BigInt(`0x${bytes.toString("hex", 2, 2 + octets)}`) : null;
  return { size, extended, complete };
}

/** The frame that the bytes begin with, or `null` if its header is not whole; no rule is checked. */
export function decodeFrame(bytes: Buffer): DecodedFrame | null {
  const header = readHeader(bytes);
  if (header === null || !header.complete) return null;
  const first = bytes[0] as number;
  const second = bytes[1] as number;
  const length = header.extended ?? BigInt(second % 128);
  const here = length < BigInt(bytes.length) ? Number(length) : bytes.length;
  const onTheWire = bytes.subarray(header.size, header.size + here);
  const masked = second >= 128;
  return {
    fin: first >= 128,
    rsv: (first >> 4) % 8,
    opcode: first % 16,
    masked,
    payload: masked
      ? maskNaively(onTheWire, [...bytes.subarray(header.size - 4, header.size)])
      : Buffer.from(onTheWire),
    length,
    lengthForm: second % 128 === 126 ? 16 : second % 128 === 127 ? 64 : 7,
    size: header.size + onTheWire.length,
  };
}

/** All the frames of bytes that end with a frame; no rule is checked. */
export function decodeFrames(bytes: Buffer): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const next = decodeFrame(rest);
    if (next === null || BigInt(next.payload.length) !== next.length) throw new Error("the bytes end inside a frame");
    frames.push(next);
    rest = rest.subarray(next.size);
  }
  return frames;
}

export type OracleEvent =
  | { kind: "message"; data: string | Buffer }
  | { kind: "control"; opcode: number; payload: Buffer };

export interface OracleOptions {
  role: Role;
  allowedRsv?: number;
  maxPayload?: number;
}

/** The events that a reader must have reported after these bytes. */
export interface OracleReading {
  events: OracleEvent[];
  /** The codes of the rules that the first bad header or payload breaks; empty if there is none so far. */
  broken: string[];
}

/** Reads a byte string from its beginning, by RFC 6455 sections 5 and 8.1, without regard to cost. */
export function readNaively(bytes: Buffer, options: OracleOptions): OracleReading {
  const maxPayload = BigInt(options.maxPayload ?? Number.MAX_SAFE_INTEGER);
  const events: OracleEvent[] = [];
  let message: { opcode: number; fragments: Buffer[]; declared: bigint } | null = null;
  let rest = bytes;
  for (;;) {
    const header = readHeader(rest);
    if (header === null) return { events, broken: [] };
    const broken = brokenHeaderRules({
      first: rest[0] as number,
      second: rest[1] as number,
      extended: header.extended,
      role: options.role,
      allowedRsv: options.allowedRsv,
      messageOpen: message !== null,
    });
    if (broken.length > 0) return { events, broken };
    const next = decodeFrame(rest);
    if (next === null) return { events, broken: [] };
    rest = rest.subarray(next.size);
    const whole = BigInt(next.payload.length) === next.length;

    if (next.opcode >= 0x8) {
      if (!whole) return { events, broken: [] };
      events.push({ kind: "control", opcode: next.opcode, payload: next.payload });
      continue;
    }
    message ??= { opcode: next.opcode, fragments: [], declared: 0n };
    message.declared += next.length;
    if (message.declared > maxPayload) return { events, broken: ["MESSAGE_TOO_BIG"] };
    message.fragments.push(next.payload);
    const data: Buffer = Buffer.concat(message.fragments);
    const ended = whole && next.fin;
    if (message.opcode === TEXT && !(ended ? isWholeUtf8(data) : canBecomeUtf8(data))) {
      return { events, broken: ["TEXT_NOT_UTF8"] };
    }
    if (!whole) return { events, broken: [] };
    if (ended) {
      events.push({ kind: "message", data: message.opcode === TEXT ? data.toString("utf8") : data });
      message = null;
    }
  }
}

const CANARY = 0xa5;

export interface Guarded {
  /** The bytes, in the middle of a larger ArrayBuffer. */
  bytes: Buffer;
  /** Whether the bytes around them are unchanged. */
  intact(): boolean;
}

/** Copies the bytes between canaries, at the given distance from an even address. */
export function guarded(content: Uint8Array, offset = 0, margin = 64, memory = allocate): Guarded {
  const around = memory(margin + offset + content.length + margin).fill(CANARY);
  const start = margin + offset;
  const end = start + content.length;
  around.set(content, start);
  return {
    bytes: around.subarray(start, end),
    intact: () => around.every((byte, at) => (at >= start && at < end) || byte === CANARY),
  };
}

function allocate(length: number): Buffer {
  return Buffer.from(new ArrayBuffer(length));
}

/** Cuts the bytes at the given places (taken modulo their length), into pieces that share no memory. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Buffer[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  const ends = [...cuts.filter((cut) => cut > 0), bytes.length];
  return ends.map((end, index) => Buffer.from(bytes.slice(ends[index - 1] ?? 0, end)));
}

/** One byte after the other, each in a Buffer of its own. */
export function byteByByte(bytes: Uint8Array): Buffer[] {
  return Array.from(bytes, (byte) => Buffer.from([byte]));
}
