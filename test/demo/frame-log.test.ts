import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameLog, type FrameRecord } from "../../examples/demo/frame-log.mjs";

interface Sent {
  fin: boolean;
  rsv: number;
  opcode: number;
  maskKey: Uint8Array | null;
  payload: Uint8Array;
}

/** The bytes of one frame, by the figure of RFC 6455, section 5.2. */
function encode({ fin, rsv, opcode, maskKey, payload }: Sent): Buffer {
  const { length } = payload;
  const maskBit = maskKey ? 0x80 : 0;
  const extended = Buffer.alloc(length > 0xffff ? 8 : length > 125 ? 2 : 0);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  if (extended.length === 2) extended.writeUInt16BE(length);
  const shortLength = extended.length === 8 ? 127 : extended.length === 2 ? 126 : length;
  return Buffer.concat([
    Buffer.of((fin ? 0x80 : 0) | (rsv << 4) | opcode, maskBit | shortLength),
    extended,
    maskKey ?? Buffer.alloc(0),
    payload.map((byte, i) => byte ^ (maskKey?.[i & 3] ?? 0)),
  ]);
}

/** The records of the log for bytes in these chunks. Each chunk is overwritten once it has been read. */
function read(...chunks: Uint8Array[]): FrameRecord[] {
  const records: FrameRecord[] = [];
  const log = new FrameLog((record) => records.push(record));
  for (const chunk of chunks) {
    const borrowed = Uint8Array.from(chunk);
    log.push(borrowed);
    borrowed.fill(0xff);
  }
  return records;
}

function split(bytes: Uint8Array, cuts: number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

const frame: fc.Arbitrary<Sent> = fc.record({
  fin: fc.boolean(),
  rsv: fc.integer({ min: 0, max: 7 }),
  opcode: fc.integer({ min: 0, max: 15 }),
  maskKey: fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 })),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "grapheme", maxLength: 150 }).map((text) => Buffer.from(text)),
    fc.constantFrom(125, 126, 200, 201, 0xffff, 0x10000).map((length) => Buffer.alloc(length, "é")),
  ),
});

const text = (payload: string | Uint8Array, more: Partial<Sent> = {}): Buffer =>
  encode({ fin: true, rsv: 0, opcode: 1, maskKey: null, payload: Buffer.from(payload), ...more });

describe("FrameLog", () => {
  it("FrameLog reports the same records for any frames, wherever their bytes are split", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 20 }), (frames, cuts) => {
        const bytes = Buffer.concat(frames.map(encode));
        expect(read(...split(bytes, cuts))).toEqual(read(bytes));
      }),
    );
  });

  it("FrameLog reports every field of the header as it was sent", () => {
    fc.assert(
      fc.property(frame, (sent) => {
        const bytes = encode(sent);
        const [record] = read(bytes);
        expect(record).toMatchObject({
          fin: sent.fin,
          rsv: sent.rsv,
          opcode: sent.opcode,
          masked: sent.maskKey !== null,
          maskKey: sent.maskKey ? Buffer.from(sent.maskKey).toString("hex") : undefined,
          length: sent.payload.length,
          rawHeader: bytes.toString("hex", 0, bytes.length - sent.payload.length),
          rawPayload: bytes.subarray(bytes.length - sent.payload.length).toString("hex", 0, 16),
        });
      }),
    );
  });

  it("FrameLog reports the same records if the bytes come one at a time", () => {
    const bytes = Buffer.concat([text("Hello"), text("", { opcode: 9 }), text("é".repeat(200))]);
    expect(read(...split(bytes, [...bytes.keys()]))).toEqual(read(bytes));
  });

  it("FrameLog reads the RFC's own example of a masked text (section 5.7)", () => {
    expect(read(Buffer.from("818537fa213d7f9f4d5158", "hex"))).toEqual([
      {
        fin: true,
        rsv: 0,
        opcode: 1,
        opcodeName: "text",
        masked: true,
        maskKey: "37fa213d",
        length: 5,
        rawHeader: "818537fa213d",
        rawPayload: "7f9f4d5158",
        payload: { form: "text", text: "Hello", truncated: false },
      },
    ]);
  });

  it.each([
    ["text", text("naïve"), { form: "text", text: "naïve", truncated: false }],
    ["binary", text("\x01\xfe", { opcode: 2 }), { form: "hex", text: "01c3be", truncated: false }],
    ["a ping of text", text("hi", { opcode: 9 }), { form: "text", text: "hi", truncated: false }],
    ["a ping of bytes", text(Buffer.of(0xff), { opcode: 9 }), { form: "hex", text: "ff", truncated: false }],
    [
      "close",
      text(Buffer.from("0fa1627965", "hex"), { opcode: 8 }),
      { form: "close", text: "4001 bye", truncated: false },
    ],
    ["close with no code", text("", { opcode: 8 }), { form: "text", text: "", truncated: false }],
    ["a compressed text", text("abc", { rsv: 4 }), { form: "hex", text: "616263", truncated: false }],
    ["a long text", text("x".repeat(201)), { form: "text", text: "x".repeat(200), truncated: true }],
    [
      "a preview that ends within a character",
      text(`x${"é".repeat(100)}`),
      { form: "text", text: `x${"é".repeat(99)}`, truncated: true },
    ],
  ])("FrameLog shows the payload of %s", (_name, bytes, payload) => {
    expect(read(bytes)[0]?.payload).toEqual(payload);
  });

  it("FrameLog shows a continuation in the form of its message", () => {
    const texts = read(text("a", { fin: false }), text("ping", { opcode: 9 }), text("b", { opcode: 0 }));
    expect(texts[2]?.payload).toEqual({ form: "text", text: "b", truncated: false });
    const binaries = read(text("a", { fin: false, opcode: 2 }), text("b", { opcode: 0 }));
    expect(binaries[1]?.payload).toEqual({ form: "hex", text: "62", truncated: false });
  });
});
