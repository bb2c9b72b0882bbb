import { describe, expect, it, test } from "vitest";
import {
  type AgreedExtension,
  answerOffers,
  checkAnswer,
  checkExtensions,
  declareAgreed,
  declareOffers,
  type Extension,
  type ExtensionDeclaration,
  type ExtensionParam,
  formatExtensionHeader,
  openPipeline,
  parseExtensionHeader,
} from "../../src/extensions/index.ts";
import { PromptCodec } from "../connection/codecs.ts";

const flag = (name: string): ExtensionParam => ({ name, value: true });

/** An extension that takes offers with the parameter "good", and answers "done". */
function extension(name: string, rsv: Extension["rsv"]): Extension {
  const negotiated = { params: [flag("done")], open: () => new PromptCodec() };
  return {
    name,
    rsv,
    offers: () => [[flag("good")], []],
    answer: (offer) => (offer.some((param) => param.name === "good") ? negotiated : null),
    agree: (answer) => (answer.some((param) => param.name === "done") ? negotiated : "it is not done"),
  };
}

const parsed = (header: string) => parseExtensionHeader(header) as readonly ExtensionDeclaration[];
const shown = (agreed: readonly AgreedExtension[]) => formatExtensionHeader(declareAgreed(agreed));

const one = extension("one", 0x40);
const two = extension("two", 0x20);
const alsoOne = extension("also-one", 0x40);
const bitless = extension("bitless", 0);

describe("a server", () => {
  test.each([
    ["what it does not know is declined", "x, y; good", ""],
    ["each is answered as it answers", "one; good, two; good", "one; done, two; done"],
    ["the client's order of preference is that of the answer", "two; good, one; good", "two; done, one; done"],
    ["an offer that is declined makes room for the next", "one; bad, one; good", "one; done"],
    ["of several offers of one extension one is answered", "one; good, one; good", "one; done"],
    ["names are compared with their case", "One; good", ""],
    ["RFC 7692 section 5: never two that use the same bit", "one; good, also-one; good", "one; done"],
    ["an extension that was declined leaves its bit to another", "one; bad, also-one; good", "also-one; done"],
    [
      "those without a bit are never in the way",
      "one; good, bitless; good, two; good",
      "one; done, bitless; done, two; done",
    ],
  ])("RFC 6455 section 9.1: %s", (_, offered, answer) => {
    expect(shown(answerOffers([one, two, alsoOne, bitless], parsed(offered)))).toBe(answer);
  });
});

describe("a client", () => {
  const all = [one, two, alsoOne, bitless];

  it("RFC 6455 section 9.1: offers all that each extension offers, in its order", () => {
    expect(formatExtensionHeader(declareOffers([two, one]))).toBe("two; good, two, one; good, one");
  });

  it("RFC 6455 section 9.1: takes the extensions in the order of the answer", () => {
    const agreed = checkAnswer(all, parsed("two; done, one; done"));
    expect(typeof agreed === "string" ? agreed : shown(agreed)).toBe("two; done, one; done");
  });

  test.each([
    ["an extension that was not offered", "x; done", "x was not offered"],
    ["an extension twice", "one; done, one; done", "one stands twice"],
    [
      "two extensions that use the same bit",
      "one; done, also-one; done",
      "also-one and another extension use the same",
    ],
    ["what an extension does not put up with", "two; done, one", "one: it is not done"],
  ])("RFC 7692 section 5: fails on %s", (_, answer, objection) => {
    expect(checkAnswer(all, parsed(answer))).toContain(objection);
  });
});

describe("the pipeline", () => {
  it("is none without extensions", () => {
    expect(openPipeline([], 1000)).toBe(null);
  });

  it("has the bits of all, and asks each for a codec that knows the limit", () => {
    const limits: number[] = [];
    const open = (maxPayload: number) => {
      limits.push(maxPayload);
      return new PromptCodec();
    };
    const agreed = [0x40, 0x10, 0].map((rsv) => ({
      extension: { name: "x", rsv: rsv as Extension["rsv"] },
      negotiated: { params: [], open },
    }));
    expect(openPipeline(agreed, 1000)).toMatchObject({ rsv: 0x50, decodesAll: true });
    expect(openPipeline(agreed.slice(0, 2), 1000)).toMatchObject({ rsv: 0x50, decodesAll: false });
    expect(limits).toEqual([1000, 1000, 1000, 1000, 1000]);
  });
});

test.each([
  ["a name that is no token", [extension("a b", 0)], 'the extension\'s name "a b" is not a token'],
  ["no name", [{ ...one, name: undefined }], "the extension's name undefined is not a token"],
  ["a bit that is none", [{ ...one, rsv: 0x80 }], 'rsv of the extension "one" must be 0x40, 0x20, 0x10 or 0'],
  ["two bits", [{ ...one, rsv: 0x60 }], "rsv of the extension"],
  ["the same name twice", [one, two, extension("one", 0)], 'the extension "one" is given twice'],
])("a list with %s is refused", (_, list, message) => {
  expect(() => checkExtensions(list as Extension[])).toThrow(new RegExp(`^TypeError|${message}`));
  expect(() => checkExtensions(list as Extension[])).toThrow(message);
});
