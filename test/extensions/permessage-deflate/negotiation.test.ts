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

/** The answer of a server with these options to a header; "" if it declines. */
function answerTo(header: string, options: PerMessageDeflateOptions = {}): string {
  const offers = parseExtensionHeader(header) as readonly ExtensionDeclaration[];
  return formatExtensionHeader(declareAgreed(answerOffers([permessageDeflate(options)], offers)));
}

function offerOf(options: PerMessageDeflateOptions = {}): string {
  return formatExtensionHeader(declareOffers([permessageDeflate(options)]));
}

/** What a client with these options finds wrong with an answer; `null` if it accepts it. */
function objectionTo(answer: string, options: PerMessageDeflateOptions = {}): string | null {
  const list = parseExtensionHeader(answer) as readonly ExtensionDeclaration[];
  const agreed = checkAnswer([permessageDeflate(options)], list);
  return typeof agreed === "string" ? agreed : null;
}

const INVALID = [
  ["an unknown parameter", "x"],
  ["an unknown parameter with a value", "server_max_windowbits=10"],
  ["a name in another case", "Server_No_Context_Takeover"],
  ["a value that is not allowed", "server_no_context_takeover=1"],
  ["a value of client_no_context_takeover", "client_no_context_takeover=true"],
  ["a missing value", "server_max_window_bits"],
  ["bits below 8", "server_max_window_bits=7"],
  ["bits above 15", "server_max_window_bits=16"],
  ["bits with a leading zero", "server_max_window_bits=08"],
  ["bits with a sign", "server_max_window_bits=+9"],
  ["bits with a fraction", "client_max_window_bits=9.0"],
  ["bits that are not a number", "client_max_window_bits=ten"],
  ["bits of the client below 8", "client_max_window_bits=7"],
  ["bits of the client above 15", "client_max_window_bits=16"],
  ["a duplicate flag", "client_no_context_takeover; client_no_context_takeover"],
  ["duplicate bits", "server_max_window_bits=10; server_max_window_bits=10"],
  ["duplicate bits of the client", "client_max_window_bits; client_max_window_bits=10"],
] as const;

describe("a server", () => {
  test.each(INVALID)("RFC 7692 section 7: a server declines an offer with %s, and tries the next one", (_, params) => {
    expect(answerTo(`permessage-deflate; ${params}`)).toBe("");
    expect(answerTo(`permessage-deflate; ${params}, permessage-deflate`)).toBe("permessage-deflate");
  });

  it("RFC 7692 section 7.1.3: a server answers an offer without parameters without parameters", () => {
    expect(answerTo("permessage-deflate")).toBe("permessage-deflate");
  });

  it("RFC 7692 section 5: a server accepts the first offer that it supports, in the client's order", () => {
    const offers = "permessage-deflate; server_max_window_bits=10, permessage-deflate; server_no_context_takeover";
    expect(answerTo(offers)).toBe("permessage-deflate; server_max_window_bits=10");
  });

  it("RFC 7692 section 7.1: a server accepts quoted values", () => {
    expect(answerTo('permessage-deflate; server_max_window_bits="1\\0"')).toBe(
      "permessage-deflate; server_max_window_bits=10",
    );
  });

  it("RFC 7692 section 7.1.1.1: a server grants server_no_context_takeover, and may answer it without a request", () => {
    const granted = "permessage-deflate; server_no_context_takeover";
    expect(answerTo("permessage-deflate; server_no_context_takeover")).toBe(granted);
    expect(answerTo("permessage-deflate", { serverNoContextTakeover: true })).toBe(granted);
  });

  it("RFC 7692 section 7.1.1.2: a server answers an offered client_no_context_takeover, and may request it", () => {
    const asked = "permessage-deflate; client_no_context_takeover";
    expect(answerTo("permessage-deflate; client_no_context_takeover")).toBe(asked);
    expect(answerTo("permessage-deflate", { clientNoContextTakeover: true })).toBe(asked);
  });

  it("RFC 7692 section 7.1.2.1: a server grants server_max_window_bits with the same or a smaller value, and may answer it without a request", () => {
    const bits = (offer: string, options?: PerMessageDeflateOptions) => answerTo(`permessage-deflate${offer}`, options);
    expect(bits("; server_max_window_bits=15")).toBe("permessage-deflate; server_max_window_bits=15");
    expect(bits("; server_max_window_bits=8")).toBe("permessage-deflate; server_max_window_bits=8");
    expect(bits("; server_max_window_bits=12", { serverMaxWindowBits: 10 })).toContain("server_max_window_bits=10");
    expect(bits("; server_max_window_bits=9", { serverMaxWindowBits: 10 })).toContain("server_max_window_bits=9");
    expect(bits("", { serverMaxWindowBits: 10 })).toBe("permessage-deflate; server_max_window_bits=10");
  });

  it("RFC 7692 section 7.1.2.2: a server never answers client_max_window_bits if it was not offered", () => {
    expect(answerTo("permessage-deflate")).not.toContain("client_max");
    expect(answerTo("permessage-deflate", { clientMaxWindowBits: 10 })).toBe("");
    expect(
      answerTo("permessage-deflate, permessage-deflate; client_max_window_bits", { clientMaxWindowBits: 10 }),
    ).toBe("permessage-deflate; client_max_window_bits=10");
  });

  it("RFC 7692 section 7.1.2.2: a server answers no larger client_max_window_bits than the offer's", () => {
    const offer = (bits: string) => `permessage-deflate; client_max_window_bits${bits}`;
    expect(answerTo(offer(""))).toBe("permessage-deflate");
    expect(answerTo(offer("=9"))).toBe(offer("=9"));
    expect(answerTo(offer("=9"), { clientMaxWindowBits: 12 })).toBe(offer("=9"));
    expect(answerTo(offer("=14"), { clientMaxWindowBits: 12 })).toBe(offer("=12"));
  });
});

describe("a client", () => {
  it("RFC 7692 section 7.1.2.2: a client allows the server to request a smaller window by default", () => {
    expect(offerOf()).toBe("permessage-deflate; client_max_window_bits");
    expect(offerOf({ clientMaxWindowBits: 10 })).toBe("permessage-deflate; client_max_window_bits=10");
    expect(offerOf({ clientMaxWindowBits: false })).toBe("permessage-deflate");
  });

  it("RFC 7692 section 7.1: a client offers the parameters of its options", () => {
    const all = { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 9 };
    expect(offerOf(all)).toBe(
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9; client_max_window_bits",
    );
  });

  it("RFC 7692 section 7.1.3: a client with fallback also offers compression without its requests, if it has any", () => {
    expect(offerOf({ serverMaxWindowBits: 10, fallback: true })).toBe(
      "permessage-deflate; server_max_window_bits=10; client_max_window_bits, permessage-deflate; client_max_window_bits",
    );
    expect(offerOf({ fallback: true })).toBe(offerOf());
  });

  test.each(INVALID)("RFC 7692 section 7: a client fails on an answer with %s", (_, params) => {
    expect(objectionTo(`permessage-deflate; ${params}`)).toMatch(/^permessage-deflate: /);
  });

  it("RFC 7692 section 7.1.2.2: a client fails on client_max_window_bits without a value, or if it was not offered", () => {
    expect(objectionTo("permessage-deflate; client_max_window_bits")).toBe(
      "permessage-deflate: client_max_window_bits must have a value from 8 to 15",
    );
    expect(objectionTo("permessage-deflate; client_max_window_bits=10", { clientMaxWindowBits: false })).toBe(
      "permessage-deflate: client_max_window_bits was not offered",
    );
    expect(objectionTo("permessage-deflate; client_max_window_bits=10")).toBe(null);
  });

  it("RFC 7692 section 7.1.1.1: a client fails if server_no_context_takeover was requested and not granted", () => {
    const options = { serverNoContextTakeover: true };
    expect(objectionTo("permessage-deflate", options)).toContain("server_no_context_takeover was requested");
    expect(objectionTo("permessage-deflate; server_no_context_takeover", options)).toBe(null);
    expect(objectionTo("permessage-deflate", { ...options, fallback: true })).toBe(null);
  });

  it("RFC 7692 section 7.1.2.1: a client fails if server_max_window_bits was requested and a larger one granted", () => {
    const options = { serverMaxWindowBits: 10 };
    const granted = (bits: number) => objectionTo(`permessage-deflate; server_max_window_bits=${bits}`, options);
    expect(objectionTo("permessage-deflate", options)).toContain("server_max_window_bits=10 was requested and 15");
    expect(granted(11)).toContain("11 granted");
    expect(granted(10)).toBe(null);
    expect(granted(8)).toBe(null);
  });

  it("RFC 7692 section 7.1.1.2: a client accepts the requests of the server", () => {
    const answer =
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover; server_max_window_bits=9";
    expect(objectionTo(answer)).toBe(null);
  });

  it("the objection of a client quotes a long parameter in part", () => {
    expect(objectionTo(`permessage-deflate; ${"x".repeat(5000)}`)).toMatch(
      /x\.\.\. is not a parameter of permessage-deflate$/,
    );
  });
});

describe("both", () => {
  it("RFC 7692 section 7.1: a client and a server with any options agree, and can read each other's messages", async () => {
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

  it("RFC 7692 section 7: a server grants all requests of an offer and adds none that is not allowed, or declines it", () => {
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
