import { describe, expect, it } from "vitest";
import { checkHeader, LENGTH_PENDING } from "../../src/framing/index.ts";
import { BINARY, brokenHeaderRules, CONTINUATION, type Role, TEXT } from "../support/frames.ts";

interface Case {
  first: number;
  second: number;
  role: Role;
  messageOpen?: boolean;
  allowedRsv?: number;
  extended?: bigint | null;
}

function check({ first, second, role, messageOpen = false, allowedRsv = 0, extended = null }: Case): string | null {
  const high = extended === null ? LENGTH_PENDING : Number(extended >> 32n);
  const low = extended === null ? LENGTH_PENDING : Number(extended & 0xffff_ffffn);
  const masked = role === "server";
  return checkHeader(first, second, high, low, masked, allowedRsv, messageOpen)?.code ?? null;
}

/** Compares the rules with the oracle: the answer must be one of the violated rules, or null if there is none. */
function disagreement(asked: Case): string | null {
  const { messageOpen = false, extended = null } = asked;
  const broken = brokenHeaderRules({ ...asked, messageOpen, extended });
  const answer = check(asked);
  const agrees = answer === null ? broken.length === 0 : broken.includes(answer);
  if (agrees) return null;
  return `${JSON.stringify({ ...asked, extended: String(extended) })}: said ${answer}, broken: ${broken.join()}`;
}

const ROLES: Role[] = ["server", "client"];
const EVERY_BYTE = Array.from({ length: 256 }, (_, byte) => byte);
const FIN = 0x80;
const MASK = 0x80;

describe("checkHeader", () => {
  for (const role of ROLES) {
    for (const messageOpen of [false, true]) {
      it(`checkHeader() agrees with the sentences of RFC 6455 sections 5.1-5.5 on all 65,536 first two bytes, as ${role}, ${messageOpen ? "inside" : "outside"} a message`, () => {
        const wrong: string[] = [];
        for (const first of EVERY_BYTE) {
          for (const second of EVERY_BYTE) {
            for (const allowedRsv of [0x00, 0x40]) {
              const said = disagreement({ first, second, role, messageOpen, allowedRsv });
              if (said !== null) wrong.push(said);
            }
          }
        }
        expect(wrong).toEqual([]);
      });
    }
  }

  it("RFC 6455 section 5.1: a server rejects a frame that is not masked", () => {
    expect(check({ first: FIN | TEXT, second: 0, role: "server" })).toBe("MASK_MISSING");
    expect(check({ first: FIN | TEXT, second: MASK, role: "server" })).toBe(null);
  });

  it("RFC 6455 section 5.1: a client rejects a masked frame", () => {
    expect(check({ first: FIN | TEXT, second: MASK, role: "client" })).toBe("MASK_UNEXPECTED");
    expect(check({ first: FIN | TEXT, second: 0, role: "client" })).toBe(null);
  });

  it("RFC 6455 section 5.2: each reserved bit is rejected unless an extension uses it", () => {
    for (const bit of [0x40, 0x20, 0x10]) {
      for (const allowedRsv of EVERY_BYTE.filter((bits) => (bits & 0x8f) === 0)) {
        const answer = check({ first: FIN | bit | TEXT, second: 0, role: "client", allowedRsv });
        expect(answer).toBe((allowedRsv & bit) === bit ? null : "RESERVED_BITS");
      }
    }
  });

  it("RFC 6455 section 5.2: a reserved bit on a control frame is rejected, whatever bits extensions use", () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      expect(check({ first: FIN | 0x40 | opcode, second: 0, role: "client", allowedRsv: 0x70 })).toBe("RESERVED_BITS");
    }
  });

  it("RFC 7692 section 6.1: a reserved bit that an extension uses is rejected on a fragment other than the first", () => {
    for (const fin of [0, FIN]) {
      const asked = { first: fin | 0x40 | CONTINUATION, second: 0, role: "client", messageOpen: true } as const;
      expect(check({ ...asked, allowedRsv: 0x40 })).toBe("RESERVED_BITS_ON_CONTINUATION");
      expect(check({ ...asked, allowedRsv: 0x20 })).toBe("RESERVED_BITS");
    }
  });

  it("RFC 6455 section 5.2: the reserved opcodes 3 to 7 and 11 to 15 are rejected", () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      expect(check({ first: FIN | opcode, second: 0, role: "client" })).toBe("RESERVED_OPCODE");
    }
  });

  it("RFC 6455 section 5.5: a control frame longer than 125 bytes is rejected before its extended length has arrived", () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      expect(check({ first: FIN | opcode, second: 125, role: "client" })).toBe(null);
      expect(check({ first: FIN | opcode, second: 126, role: "client" })).toBe("CONTROL_TOO_LONG");
      expect(check({ first: FIN | opcode, second: 127, role: "client" })).toBe("CONTROL_TOO_LONG");
    }
  });

  it("RFC 6455 sections 5.4 and 5.5: a fragmented control frame is rejected", () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      expect(check({ first: opcode, second: 0, role: "client" })).toBe("CONTROL_FRAGMENTED");
    }
  });

  it("RFC 6455 section 5.4: a continuation frame outside a fragmented message is rejected", () => {
    for (const fin of [0, FIN]) {
      expect(check({ first: fin | CONTINUATION, second: 0, role: "client" })).toBe("CONTINUATION_UNEXPECTED");
    }
  });

  it("RFC 6455 section 5.4: a new message inside a fragmented one is rejected, so that fragments never interleave", () => {
    for (const first of [TEXT, BINARY, FIN | TEXT, FIN | BINARY]) {
      expect(check({ first, second: 0, role: "client", messageOpen: true })).toBe("CONTINUATION_MISSING");
    }
  });

  it("RFC 6455 section 5.4: a control frame in the middle of a fragmented message is accepted", () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      expect(check({ first: FIN | opcode, second: 5, role: "client", messageOpen: true })).toBe(null);
    }
  });

  describe("the extended length", () => {
    const boundaries = [0n, 125n, 126n, 127n, 65_535n, 65_536n, 2n ** 32n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 63n];
    const lengths = boundaries.flatMap((at) => [at - 1n, at, at + 1n]).filter((length) => length >= 0n);
    const ofForm = (form: number) => (form === 126 ? lengths.filter((length) => length <= 65_535n) : lengths);

    it("checkHeader() agrees with the sentences of RFC 6455 section 5.2 on lengths around every boundary, in both forms", () => {
      const wrong: string[] = [];
      for (const form of [126, 127]) {
        for (const extended of [...ofForm(form), ...(form === 127 ? [2n ** 64n - 1n] : [])]) {
          const said = disagreement({ first: FIN | BINARY, second: form, role: "client", extended });
          if (said !== null) wrong.push(said);
        }
      }
      expect(wrong).toEqual([]);
    });

    const verdict = (second: number, extended: bigint) =>
      check({ first: FIN | BINARY, second, role: "client", extended });

    it("RFC 6455 section 5.2: a 16-bit length is rejected if 7 bits can hold it", () => {
      expect(verdict(126, 125n)).toBe("LENGTH_NOT_MINIMAL");
      expect(verdict(126, 126n)).toBe(null);
    });

    it("RFC 6455 section 5.2: a 64-bit length is rejected if 16 bits can hold it", () => {
      expect(verdict(127, 125n)).toBe("LENGTH_NOT_MINIMAL");
      expect(verdict(127, 65_535n)).toBe("LENGTH_NOT_MINIMAL");
      expect(verdict(127, 65_536n)).toBe(null);
      expect(verdict(127, 2n ** 32n)).toBe(null);
    });

    it("RFC 6455 section 5.2: a 64-bit length with its most significant bit set is rejected", () => {
      expect(verdict(127, 2n ** 63n)).toBe("LENGTH_HIGH_BIT");
      expect(verdict(127, 2n ** 64n - 1n)).toBe("LENGTH_HIGH_BIT");
    });

    it("RFC 6455 section 10.4: a length of more than 2^53 - 1 is rejected", () => {
      expect(verdict(127, 2n ** 53n - 1n)).toBe(null);
      expect(verdict(127, 2n ** 53n)).toBe("LENGTH_UNSAFE");
      expect(verdict(127, 2n ** 63n - 1n)).toBe("LENGTH_UNSAFE");
    });

    it("the extended length is not checked before it has arrived", () => {
      for (const second of [126, 127]) expect(check({ first: FIN | TEXT, second, role: "client" })).toBe(null);
    });
  });
});
