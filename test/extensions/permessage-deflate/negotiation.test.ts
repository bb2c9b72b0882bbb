import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import {
  answerOffers,
  checkAnswer,
  declareAgreed,
  declareOffers,
  type ExtensionDeclaration,
  formatExtensionHeader,
  type MessageCodec,
  type PerMessageDeflateOptions,
  parseExtensionHeader,
  permessageDeflate,
} from "../../../src/extensions/index.ts";
import type { DeflateCodec } from "../../../src/extensions/permessage-deflate/deflate-codec.ts";
import { runs } from "../../support/runs.ts";
import { clientOptions, serverOptions } from "./arbitraries.ts";
import { passed, wordy } from "./codecs.ts";

/** What a server with these options answers to a header; "" where it declines. */
function answerTo(header: string, options: PerMessageDeflateOptions = {}): string {
  const offers = parseExtensionHeader(header) as readonly ExtensionDeclaration[];
  return formatExtensionHeader(declareAgreed(answerOffers([permessageDeflate(options)], offers)));
}

function offerOf(options: PerMessageDeflateOptions = {}): string {
  return formatExtensionHeader(declareOffers([permessageDeflate(options)]));
}

/** What a client with these options says of an answer: `null` where it is content. */
function objectionTo(answer: string, options: PerMessageDeflateOptions = {}): string | null {
  const list = parseExtensionHeader(answer) as readonly ExtensionDeclaration[];
  const agreed = checkAnswer([permessageDeflate(options)], list);
  return typeof agreed === "string" ? agreed : null;
}

const DEFECTS = [
  ["an unknown parameter", "x"],
  ["an unknown parameter with a value", "server_max_windowbits=10"],
  ["a name in another case", "Server_No_Context_Takeover"],
  ["a value where none may be", "server_no_context_takeover=1"],
  ["a value where none may be, of the client's", "client_no_context_takeover=true"],
  ["no value where one must be", "server_max_window_bits"],
  ["bits below 8", "server_max_window_bits=7"],
  ["bits above 15", "server_max_window_bits=16"],
  ["bits with a leading zero", "server_max_window_bits=08"],
  ["bits with a sign", "server_max_window_bits=+9"],
  ["bits with a fraction", "client_max_window_bits=9.0"],
  ["bits that are no number", "client_max_window_bits=ten"],
  ["bits of the client below 8", "client_max_window_bits=7"],
  ["bits of the client above 15", "client_max_window_bits=16"],
  ["a flag twice", "client_no_context_takeover; client_no_context_takeover"],
  ["bits twice", "server_max_window_bits=10; server_max_window_bits=10"],
  ["bits of the client twice", "client_max_window_bits; client_max_window_bits=10"],
] as const;

describe("a server", () => {
  test.each(DEFECTS)("RFC 7692 section 7: declines an offer with %s, and tries the next", (_, params) => {
    expect(answerTo(`permessage-deflate; ${params}`)).toBe("");
    expect(answerTo(`permessage-deflate; ${params}, permessage-deflate`)).toBe("permessage-deflate");
  });

  it("RFC 7692 section 7.1.3: answers the simplest offer with the simplest answer", () => {
    expect(answerTo("permessage-deflate")).toBe("permessage-deflate");
  });

  it("RFC 7692 section 5: takes the first offer that it can, in the client's order", () => {
    const offers = "permessage-deflate; server_max_window_bits=10, permessage-deflate; server_no_context_takeover";
    expect(answerTo(offers)).toBe("permessage-deflate; server_max_window_bits=10");
  });

  it("RFC 7692 section 7.1: reads quoted values", () => {
    expect(answerTo('permessage-deflate; server_max_window_bits="1\\0"')).toBe(
      "permessage-deflate; server_max_window_bits=10",
    );
  });

  it("RFC 7692 section 7.1.1.1: grants server_no_context_takeover, and may use it unasked", () => {
    const granted = "permessage-deflate; server_no_context_takeover";
    expect(answerTo("permessage-deflate; server_no_context_takeover")).toBe(granted);
    expect(answerTo("permessage-deflate", { serverNoContextTakeover: true })).toBe(granted);
  });

  it("RFC 7692 section 7.1.1.2: takes the client at its word on client_no_context_takeover, and may ask for it", () => {
    const asked = "permessage-deflate; client_no_context_takeover";
    expect(answerTo("permessage-deflate; client_no_context_takeover")).toBe(asked);
    expect(answerTo("permessage-deflate", { clientNoContextTakeover: true })).toBe(asked);
  });

  it("RFC 7692 section 7.1.2.1: grants server_max_window_bits with the same or a smaller value, and may use it unasked", () => {
    const bits = (offer: string, options?: PerMessageDeflateOptions) => answerTo(`permessage-deflate${offer}`, options);
    expect(bits("; server_max_window_bits=15")).toBe("permessage-deflate; server_max_window_bits=15");
    expect(bits("; server_max_window_bits=8")).toBe("permessage-deflate; server_max_window_bits=8");
    expect(bits("; server_max_window_bits=12", { serverMaxWindowBits: 10 })).toContain("server_max_window_bits=10");
    expect(bits("; server_max_window_bits=9", { serverMaxWindowBits: 10 })).toContain("server_max_window_bits=9");
    expect(bits("", { serverMaxWindowBits: 10 })).toBe("permessage-deflate; server_max_window_bits=10");
  });

  it("RFC 7692 section 7.1.2.2: never answers client_max_window_bits where it was not offered", () => {
    expect(answerTo("permessage-deflate")).not.toContain("client_max");
    expect(answerTo("permessage-deflate", { clientMaxWindowBits: 10 })).toBe("");
    expect(
      answerTo("permessage-deflate, permessage-deflate; client_max_window_bits", { clientMaxWindowBits: 10 }),
    ).toBe("permessage-deflate; client_max_window_bits=10");
  });

  it("RFC 7692 section 7.1.2.2: asks for no larger window than the client said it would use", () => {
    const offer = (bits: string) => `permessage-deflate; client_max_window_bits${bits}`;
    expect(answerTo(offer(""))).toBe("permessage-deflate");
    expect(answerTo(offer("=9"))).toBe(offer("=9"));
    expect(answerTo(offer("=9"), { clientMaxWindowBits: 12 })).toBe(offer("=9"));
    expect(answerTo(offer("=14"), { clientMaxWindowBits: 12 })).toBe(offer("=12"));
  });
});

describe("a client", () => {
  it("RFC 7692 section 7.1.2.2: lets the server ask for a smaller window by default", () => {
    expect(offerOf()).toBe("permessage-deflate; client_max_window_bits");
    expect(offerOf({ clientMaxWindowBits: 10 })).toBe("permessage-deflate; client_max_window_bits=10");
    expect(offerOf({ clientMaxWindowBits: false })).toBe("permessage-deflate");
  });

  it("RFC 7692 section 7.1: offers what it was told to request", () => {
    const all = { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 9 };
    expect(offerOf(all)).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
    );
  });

  it("RFC 7692 section 7.1.3: offers the same without requests as a fallback, where there are any", () => {
    expect(offerOf({ serverMaxWindowBits: 10, fallback: true })).toBe(
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits, permessage-deflate; client_max_window_bits",
    );
    expect(offerOf({ fallback: true })).toBe(offerOf());
  });

  test.each(DEFECTS)("RFC 7692 section 7: fails on an answer with %s", (_, params) => {
    expect(objectionTo(`permessage-deflate; ${params}`)).toMatch(/^permessage-deflate: /);
  });

  it("RFC 7692 section 7.1.2.2: fails on client_max_window_bits without a value, or when it was not offered", () => {
    expect(objectionTo("permessage-deflate; client_max_window_bits")).toContain("lacks its value");
    expect(objectionTo("permessage-deflate; client_max_window_bits=10", { clientMaxWindowBits: false })).toBe(
      "permessage-deflate: client_max_window_bits was not offered",
    );
    expect(objectionTo("permessage-deflate; client_max_window_bits=10")).toBe(null);
  });

  it("RFC 7692 section 7.1.1.1: fails when server_no_context_takeover was requested and not granted", () => {
    const options = { serverNoContextTakeover: true };
    expect(objectionTo("permessage-deflate", options)).toContain("server_no_context_takeover was requested");
    expect(objectionTo("permessage-deflate; server_no_context_takeover", options)).toBe(null);
    expect(objectionTo("permessage-deflate", { ...options, fallback: true })).toBe(null);
  });

  it("RFC 7692 section 7.1.2.1: fails when server_max_window_bits was requested and a larger one granted", () => {
    const options = { serverMaxWindowBits: 10 };
    const granted = (bits: number) => objectionTo(`permessage-deflate; server_max_window_bits=${bits}`, options);
    expect(objectionTo("permessage-deflate", options)).toContain("server_max_window_bits=10 was requested and 15");
    expect(granted(11)).toContain("11 granted");
    expect(granted(10)).toBe(null);
    expect(granted(8)).toBe(null);
  });

  it("RFC 7692 section 7.1.1.2: puts up with what the server asks of it", () => {
    const answer =
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=9";
    expect(objectionTo(answer)).toBe(null);
  });

  it("names what is wrong, and not more of it than fits a sentence", () => {
    expect(objectionTo(`permessage-deflate; ${"x".repeat(5000)}`)).toMatch(/x\.\.\. is no parameter of it$/);
  });
});

describe("both", () => {
  it("RFC 7692 section 7.1: agree whatever their options, and understand each other's messages", async () => {
    await fc.assert(
      fc.asyncProperty(serverOptions, clientOptions, async (ofServer, ofClient) => {
        const server = permessageDeflate({ ...ofServer, threshold: 0 });
        const client = permessageDeflate({ ...ofClient, threshold: 0 });
        const answered = answerOffers([server], declareOffers([client]));
        const cannotAsk = ofClient.clientMaxWindowBits === false && ofServer.clientMaxWindowBits < 15;
        expect(answered).toHaveLength(cannotAsk ? 0 : 1);
        const agreed = checkAnswer([client], declareAgreed(answered));
        if (typeof agreed === "string") expect.fail(agreed);
        if (cannotAsk) return;
        const codecs = [answered, agreed].map(([use]) => use?.negotiated.open(1 << 20) as MessageCodec as DeflateCodec);
        const [ours, theirs] = codecs as [DeflateCodec, DeflateCodec];
        for (let round = 0; round < 3; round++) {
          const message = wordy(1000 + 20_000 * round, round);
          expect(message.equals((await passed(ours, theirs, message)) as Buffer)).toBe(true);
          expect(message.equals((await passed(theirs, ours, message)) as Buffer)).toBe(true);
        }
        for (const codec of codecs) codec.close();
      }),
      { numRuns: runs(0.6) },
    );
  });

  const name = fc.constantFrom(
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits",
    "client_max_window_bits",
    "x",
  );
  const value = fc.oneof(fc.constant(true as const), fc.integer({ min: 0, max: 20 }).map(String), fc.constant("a"));
  const offers = fc.array(fc.array(fc.record({ name, value }), { maxLength: 5 }), { maxLength: 5 });

  it("RFC 7692 section 7: whatever is offered, a server grants what was requested, asks nothing that it may not, or declines", () => {
    fc.assert(
      fc.property(offers, serverOptions, (all, options) => {
        const declared = all.map((params) => ({ name: "permessage-deflate", params }));
        const [use] = answerOffers([permessageDeflate(options)], declared);
        if (use === undefined) return;
        const answer = new Map(use.negotiated.params.map((param) => [param.name, param.value]));
        const fits = all.some((params) => {
          const offer = new Map(params.map((param) => [param.name, param.value]));
          const granted = Number(answer.get("server_max_window_bits") ?? 15);
          const requested = Number(offer.get("server_max_window_bits") ?? 15);
          return (
            offer.size === params.length &&
            (!offer.has("server_no_context_takeover") || answer.has("server_no_context_takeover")) &&
            (!offer.has("server_max_window_bits") || (answer.has("server_max_window_bits") && granted <= requested)) &&
            (offer.has("client_max_window_bits") || !answer.has("client_max_window_bits"))
          );
        });
        expect(fits).toBe(true);
      }),
      { numRuns: runs(5) },
    );
  });
});

describe("the options", () => {
  test.each([
    [{ threshold: -1 }, "perMessageDeflate.threshold must be a whole number from 0"],
    [{ level: 10 }, "perMessageDeflate.level must be a whole number from 0 to 9, not 10"],
    [{ memLevel: 0 }, "perMessageDeflate.memLevel must be a whole number from 1 to 9, not 0"],
    [{ serverMaxWindowBits: 7 }, "perMessageDeflate.serverMaxWindowBits must be a whole number from 8 to 15, not 7"],
    [{ clientMaxWindowBits: 16 }, "perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15"],
    [{ clientMaxWindowBits: true }, "perMessageDeflate.clientMaxWindowBits must be a whole number from 8 to 15"],
    [{ serverNoContextTakeover: 1 }, "perMessageDeflate.serverNoContextTakeover must be true or false, not 1"],
    [{ fallback: "yes" }, 'perMessageDeflate.fallback must be true or false, not "yes"'],
    [{ zlibDeflateOptions: {} }, '"zlibDeflateOptions" is not an option of perMessageDeflate: use level and memLevel'],
  ])("%j are refused in words", (options, message) => {
    expect(() => permessageDeflate(options as PerMessageDeflateOptions)).toThrow(message);
  });
});
