import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ABNORMAL_CLOSURE,
  type CloseStatus,
  closeStatus,
  encodeClosePayload,
  isCloseCode,
  MAX_CLOSE_REASON,
  NO_STATUS,
  parseClosePayload,
  shortenedReason,
} from "../../src/framing/index.ts";
import { Violations } from "../../src/framing/violations.ts";
import { argumentError } from "../support/argument-error.ts";
import { isWholeUtf8, wellFormed } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

/** RFC 6455 section 7.4.1, and 1012-1014, which the IANA registry that it founds has added. */
const DEFINED = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];

/** Section 7.4.2: 3000-3999 are registered by libraries, 4000-4999 are for private use. */
function mayBeSent(code: number): boolean {
  return DEFINED.includes(code) || (code >= 3000 && code <= 3999) || (code >= 4000 && code <= 4999);
}

function payload(code: number, reason: Uint8Array | string = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

function parse(bytes: Buffer) {
  return parseClosePayload(bytes, 0, bytes.length);
}

const EVERY_CODE = Array.from({ length: 65_536 }, (_, code) => code);

describe("isCloseCode", () => {
  it("RFC 6455 section 7.4: isCloseCode() accepts the codes that are defined or free for use, and no other of the 65,536", () => {
    expect(EVERY_CODE.filter(isCloseCode)).toEqual(EVERY_CODE.filter(mayBeSent));
  });

  it("RFC 6455 section 7.4: a close code is a whole number", () => {
    expect(isCloseCode(1000)).toBe(true);
    for (const code of [1000.5, "1000", Number.NaN]) expect(isCloseCode(code as unknown as number)).toBe(false);
  });

  it("RFC 6455 section 7.4.1: 1005, 1006 and 1015 are not codes of a Close frame", () => {
    expect([NO_STATUS, ABNORMAL_CLOSURE, 1015].map(isCloseCode)).toEqual([false, false, false]);
  });
});

describe("parseClosePayload", () => {
  it("RFC 6455 section 7.4: a received Close frame may carry the codes that may be sent, and no other of the 65,536", () => {
    const accepted = EVERY_CODE.filter((code) => {
      const parsed = parse(payload(code));
      if (parsed !== Violations.CLOSE_CODE_INVALID) expect(parsed).toEqual({ code, reason: "" });
      return parsed !== Violations.CLOSE_CODE_INVALID;
    });
    expect(accepted).toEqual(EVERY_CODE.filter(mayBeSent));
  });

  it("RFC 6455 section 5.5.1: a Close payload of one byte is too short for a status code", () => {
    for (const byte of [0x00, 0x03, 0xff]) expect(parse(Buffer.from([byte]))).toBe(Violations.CLOSE_TOO_SHORT);
  });

  it("RFC 6455 section 7.1.5: an empty Close payload has the code 1005, no status code", () => {
    expect(parse(Buffer.alloc(0))).toEqual({ code: NO_STATUS, reason: "" });
  });

  it("RFC 6455 section 5.5.1: a Close payload is a code in network byte order and then the reason", () => {
    expect(parse(Buffer.from([0x03, 0xe8, 0x62, 0x79, 0x65]))).toEqual({ code: 1000, reason: "bye" });
  });

  it("RFC 6455 section 8.1: a close reason must be valid UTF-8", () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 123 }), fc.string({ unit: "grapheme" })), (reason) => {
        const bytes = Buffer.from(reason);
        const expected = isWholeUtf8(bytes)
          ? { code: 1000, reason: bytes.toString() }
          : Violations.CLOSE_REASON_NOT_UTF8;
        expect(parse(payload(1000, bytes))).toEqual(expected);
      }),
      { numRuns: runs(1) },
    );
    expect(parse(payload(1000, [0xff] as unknown as Uint8Array))).toBe(Violations.CLOSE_REASON_NOT_UTF8);
    expect(parse(payload(1000, Buffer.from("€").subarray(0, 2)))).toBe(Violations.CLOSE_REASON_NOT_UTF8);
  });

  it("parseClosePayload() reads only the given range", () => {
    const bytes = Buffer.concat([Buffer.from([0xff]), payload(4321, "é"), Buffer.from([0xff])]);
    expect(parseClosePayload(bytes, 1, bytes.length - 1)).toEqual({ code: 4321, reason: "é" });
    expect(parseClosePayload(bytes, 3, 3)).toEqual({ code: NO_STATUS, reason: "" });
  });
});

describe("closeStatus", () => {
  it("RFC 6455 section 7.4: closeStatus() accepts the codes that may be sent, and throws for all others of the 65,536", () => {
    for (const code of EVERY_CODE) {
      let taken: CloseStatus | null = null;
      try {
        taken = closeStatus(code, "");
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
      if ((taken !== null) !== mayBeSent(code)) expect.fail(`${code} was ${taken === null ? "rejected" : "accepted"}`);
      if (taken !== null) expect(taken).toEqual({ code, reason: "" });
    }
  });

  it("closeStatus() throws for a code that does not fit into 16 bits, and names the code and the section", () => {
    for (const code of [-1, 3000.5, 65_536 + 1000, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => closeStatus(code, "")).toThrow(RangeError);
    }
    expect(() => closeStatus(1006, "")).toThrow(/1006.*RFC 6455 section 7\.4/);
  });

  it("closeStatus() throws a TypeError for a code that is not a number, and for a reason that is not a string", () => {
    expect(() => closeStatus("1000" as unknown as number, "")).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", 'a close code must be a number, not "1000"'),
    );
    expect(() => closeStatus(1000, 5 as unknown as string)).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", "a close reason must be a string, not 5"),
    );
  });

  it("RFC 6455 section 5.5.1: closeStatus() throws for a reason without a code", () => {
    expect(closeStatus(undefined, "")).toEqual({ code: NO_STATUS, reason: "" });
    expect(() => closeStatus(undefined, "why")).toThrow(/RFC 6455 section 5\.5\.1/);
  });

  it("RFC 6455 section 5.5: closeStatus() accepts a reason of 123 bytes of UTF-8 and throws at 124 bytes", () => {
    expect(MAX_CLOSE_REASON).toBe(123);
    for (const longest of ["r".repeat(123), "€".repeat(41), `${"é".repeat(61)}r`]) {
      expect(encodeClosePayload(closeStatus(1000, longest))).toHaveLength(125);
      expect(() => closeStatus(1000, `${longest}r`)).toThrow(/124 bytes.*RFC 6455 section 5\.5/);
    }
  });
});

describe("encodeClosePayload", () => {
  it("RFC 6455 section 7.4: encodeClosePayload() throws for a status that must not be sent", () => {
    for (const code of [0, 1004, 1006, 1015, 5000]) {
      expect(() => encodeClosePayload({ code, reason: "" })).toThrow(
        argumentError(RangeError, "ARGUMENT_INVALID", /^\d+ cannot be sent as a close code/),
      );
    }
    expect(() => encodeClosePayload({ code: 1000, reason: "x".repeat(124) })).toThrow(
      argumentError(RangeError, "ARGUMENT_INVALID", /^the close reason has 124 bytes of UTF-8/),
    );
  });

  it("RFC 6455 section 5.5.1: a Close payload is written as a code in network byte order and a reason in UTF-8", () => {
    expect(encodeClosePayload({ code: 1000, reason: "bye" }).toString("hex")).toBe("03e8627965");
    expect(encodeClosePayload({ code: 4999, reason: "é" }).toString("hex")).toBe("1387c3a9");
  });

  it("RFC 6455 section 7.4.1: the code 1005 is written as an empty Close payload", () => {
    expect(encodeClosePayload({ code: NO_STATUS, reason: "" })).toHaveLength(0);
  });

  it("a written Close payload is read as the same status, with U+FFFD for each lone surrogate", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constantFrom(...DEFINED), fc.integer({ min: 3000, max: 4999 })),
        fc.string({ unit: "binary", maxLength: 30 }),
        (code, reason) => {
          expect(parse(encodeClosePayload({ code, reason }))).toEqual({ code, reason: wellFormed(reason) });
        },
      ),
      { numRuns: runs(1) },
    );
    expect(parse(encodeClosePayload({ code: 1000, reason: "a\ud800b" }))).toEqual({ code: 1000, reason: "a\ufffdb" });
  });
});

describe("shortenedReason", () => {
  it("shortenedReason() returns a text of up to 123 bytes unchanged", () => {
    for (const text of ["", "bye", "r".repeat(123), "€".repeat(41)]) expect(shortenedReason(text)).toBe(text);
  });

  it("RFC 6455 section 5.5: shortenedReason() returns the longest beginning that a Close frame can hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 20, maxLength: 200 }), (text) => {
        const reason = shortenedReason(text);
        const whole = wellFormed(text);
        expect(reason === text).toBe(Buffer.byteLength(text) <= MAX_CLOSE_REASON);
        if (reason === text) return;
        expect(whole.startsWith(reason)).toBe(true);
        const next = String.fromCodePoint(whole.codePointAt(reason.length) as number);
        expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(MAX_CLOSE_REASON);
        expect(Buffer.byteLength(reason + next)).toBeGreaterThan(MAX_CLOSE_REASON);
      }),
    );
  });
});
