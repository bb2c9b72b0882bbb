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
import { argumentError } from "../support/argument-error.ts";

const flag = (name: string): ExtensionParam => ({ name, value: true });

/** An extension that accepts offers with the parameter "good" and answers "done". */
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
    ["a server declines unknown extensions", "x, y; good", ""],
    ["a server answers with the parameters of each extension", "one; good, two; good", "one; done, two; done"],
    ["a server answers in the client's order of preference", "two; good, one; good", "two; done, one; done"],
    ["a server tries the next offer of an extension after it declined one", "one; bad, one; good", "one; done"],
    ["a server accepts one of several offers of an extension", "one; good, one; good", "one; done"],
    ["a server compares names case-sensitively", "One; good", ""],
    [
      "RFC 7692 section 5: a server accepts no two extensions that use the same bit",
      "one; good, also-one; good",
      "one; done",
    ],
    [
      "a server accepts an extension after it declined another one with the same bit",
      "one; bad, also-one; good",
      "also-one; done",
    ],
    [
      "a server accepts an extension without a bit besides any others",
      "one; good, bitless; good, two; good",
      "one; done, bitless; done, two; done",
    ],
  ])("RFC 6455 section 9.1: %s", (_, offered, answer) => {
    expect(shown(answerOffers([one, two, alsoOne, bitless], parsed(offered)))).toBe(answer);
  });
});

describe("a client", () => {
  const all = [one, two, alsoOne, bitless];

  it("RFC 6455 section 9.1: a client makes all offers of each extension, in order", () => {
    expect(formatExtensionHeader(declareOffers([two, one]))).toBe("two; good, two, one; good, one");
  });

  it("RFC 6455 section 9.1: a client uses the extensions in the order of the answer", () => {
    const agreed = checkAnswer(all, parsed("two; done, one; done"));
    expect(typeof agreed === "string" ? agreed : shown(agreed)).toBe("two; done, one; done");
  });

  test.each([
    ["an extension that was not offered", "x; done", "x was not offered"],
    ["an extension that is accepted twice", "one; done, one; done", "one is accepted twice"],
    [
      "two extensions that use the same bit",
      "one; done, also-one; done",
      "also-one and another extension use the same",
    ],
    ["an answer that an extension rejects", "two; done, one", "one: it is not done"],
  ])("RFC 7692 section 5: a client fails on %s", (_, answer, objection) => {
    expect(checkAnswer(all, parsed(answer))).toContain(objection);
  });
});

describe("the pipeline", () => {
  it("there is no pipeline without extensions", () => {
    expect(openPipeline([], 1000)).toBe(null);
  });

  it("the pipeline uses the bits of all extensions, and opens each codec with maxPayload", () => {
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
  ["a name that is not a token", [extension("a b", 0)], 'the extension\'s name "a b" is not a token'],
  ["a missing name", [{ ...one, name: undefined }], "the extension's name undefined is not a token"],
  [
    "a bit that is not a reserved one",
    [{ ...one, rsv: 0x80 }],
    'rsv of the extension "one" must be 0x40, 0x20, 0x10 or 0',
  ],
  ["two bits", [{ ...one, rsv: 0x60 }], "rsv of the extension"],
  ["a duplicate name", [one, two, extension("one", 0)], 'extensions must not contain the name "one" twice'],
])("a list of extensions with %s throws", (_, list, message) => {
  expect(() => checkExtensions(list as Extension[])).toThrow(
    argumentError(TypeError, "OPTION_INVALID", new RegExp(`^${message}`)),
  );
});
