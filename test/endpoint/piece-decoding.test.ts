import { describe, expect, test } from "vitest";
import { PieceDecoding, type PieceDecodingListener } from "../../src/endpoint/piece-decoding.ts";
import type { PieceDecoder } from "../../src/extensions/index.ts";
import { DeflateViolations } from "../../src/extensions/permessage-deflate/deflate-violations.ts";
import type { Violation } from "../../src/framing/index.ts";

/** Hands every byte back as a piece of its own, at once or later. */
class ByteDecoder implements PieceDecoder {
  #input: Buffer = Buffer.alloc(0);
  isEnded = false;
  isClosed = false;
  readonly isSlow: boolean;

  constructor(isSlow: boolean) {
    this.isSlow = isSlow;
  }

  write(payload: Buffer): void {
    this.#input = Buffer.from(payload);
  }

  end(): void {
    this.isEnded = true;
  }

  read(): ReturnType<PieceDecoder["read"]> {
    const result = this.#next();
    return this.isSlow ? new Promise((resolve) => setImmediate(() => resolve(result))) : result;
  }

  close(): void {
    this.isClosed = true;
  }

  #next(): Uint8Array | Violation | null {
    if (this.#input.length === 0) return null;
    const piece = this.#input.subarray(0, 1);
    this.#input = this.#input.subarray(1);
    if (piece[0] === 0) return DeflateViolations.DEFLATE_CORRUPT;
    if (piece[0] === 1) throw new Error("the decoder is broken");
    return piece;
  }
}

class Log implements PieceDecodingListener {
  isPaused = false;
  pausesAt = "";
  readonly calls: string[] = [];

  onDecodedPiece(bytes: Uint8Array): null {
    const piece = String(Buffer.from(bytes));
    this.calls.push(piece);
    this.isPaused ||= piece === this.pausesAt;
    return null;
  }

  onDecodedEnd(): null {
    this.calls.push("end");
    return null;
  }

  onDecodingBusy(): void {
    if (this.calls.at(-1) !== "busy") this.calls.push("busy");
  }

  onDecodingIdle(): void {
    this.calls.push("idle");
  }

  onPiecesFailed(violation: Violation | null, cause?: unknown): void {
    this.calls.push(violation?.code ?? String(cause));
  }
}

const turns = async (count = 10) => {
  for (let at = 0; at < count; at++) await new Promise(setImmediate);
};

describe("a decoder that is prompt", () => {
  test("is read to its end within the call", () => {
    const [decoder, log] = [new ByteDecoder(false), new Log()];
    const decoding = new PieceDecoding(decoder, log);
    expect([decoding.write(Buffer.from("ab")), decoding.end(), decoding.isBusy]).toEqual([null, null, false]);
    expect([log.calls, decoder.isEnded, decoder.isClosed]).toEqual([["a", "b", "end"], true, true]);
  });

  test("waits where pieces are not wanted any more, and goes on from there", () => {
    const log = new Log();
    const decoding = new PieceDecoding(new ByteDecoder(false), log);
    log.pausesAt = "a";
    decoding.write(Buffer.from("ab"));
    decoding.end();
    expect([log.calls, decoding.isBusy]).toEqual([["a", "busy"], true]);
    log.isPaused = false;
    decoding.resume();
    expect(log.calls).toEqual(["a", "busy", "b", "end", "idle"]);
  });

  test("returns the rule that the bytes break", () => {
    const decoding = new PieceDecoding(new ByteDecoder(false), new Log());
    expect(decoding.write(Buffer.from([0x61, 0]))).toBe(DeflateViolations.DEFLATE_CORRUPT);
  });
});

describe("a decoder that is asynchronous", () => {
  test("is busy until everything is read, and takes the end after that", async () => {
    const log = new Log();
    const decoding = new PieceDecoding(new ByteDecoder(true), log);
    decoding.write(Buffer.from("ab"));
    decoding.end();
    expect(decoding.isBusy).toBe(true);
    await turns();
    expect([log.calls.filter((call) => call !== "busy"), decoding.isBusy]).toEqual([["a", "b", "end", "idle"], false]);
  });

  test.each([
    [0, "DEFLATE_CORRUPT"],
    [1, "Error: the decoder is broken"],
  ])("reports its failure (%i)", async (byte, failure) => {
    const log = new Log();
    const decoder = new ByteDecoder(byte === 0);
    const decoding = new PieceDecoding(decoder, log);
    log.pausesAt = "a";
    decoding.write(Buffer.from([0x61, byte]));
    await turns();
    log.isPaused = false;
    decoding.resume();
    await turns();
    expect(log.calls).toContain(failure);
  });

  test("reports nothing once it is discarded", async () => {
    const log = new Log();
    const decoding = new PieceDecoding(new ByteDecoder(true), log);
    decoding.write(Buffer.from("ab"));
    decoding.discard();
    await turns();
    expect([log.calls, decoding.isBusy]).toEqual([["busy"], false]);
  });
});
