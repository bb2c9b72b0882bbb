import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/handshake/is-refusal.ts";
import { judgeRequest } from "../../src/handshake/server-decision.ts";
import type { ServerPolicy } from "../../src/handshake/server-policy.ts";
import { argumentError } from "../support/argument-error.ts";
import { request } from "../support/heads.ts";

const judge = (policy: unknown, target = "/chat") =>
  judgeRequest(request({}, `GET ${target} HTTP/1.1`), policy as ServerPolicy);

describe("the path of a policy", () => {
  test.each([
    ["/\u00fc", "/%C3%BC"],
    ["/a b", "/a%20b"],
    ["/a?b=c", "/a"],
    ["/a#b", "/a"],
    ["/\u{1f600}", "/%F0%9F%98%80"],
    ["chat", "/chat"],
    ["", "/"],
    ["ws://host/chat", "/chat"],
  ])("must not be %j, which no request can have, and the error suggests %s", (path, right) => {
    expect(() => judge({ path })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", new RegExp(`^path must be .* not ${escaped(path)}: use "${right}"$`)),
    );
    expect(isRefusal(judge({ path: right }, right))).toBe(false);
  });

  test.each(["/", "/chat", "//", "/%C3%BC", "/a;b=c", "/100%", "/a/../b", "/:id"])(
    "may be %s, which it then serves",
    (path) => {
      expect(isRefusal(judge({ path }, path))).toBe(false);
    },
  );

  test("is either rejected or served, whatever it is", () => {
    const text = fc.string({ unit: fc.constantFrom("/", "a", "ü", " ", "?", "#", "%", ".", "\n", "\\") });
    fc.assert(
      fc.property(text, (path) => {
        try {
          judge({ path });
        } catch (error) {
          expect(error).toEqual(argumentError(TypeError, "OPTION_INVALID", /^path must be/));
          return;
        }
        expect(isRefusal(judge({ path }, path))).toBe(false);
      }),
    );
  });
});

function escaped(text: string): string {
  return JSON.stringify(text).replaceAll(/[\\?*+.()[\]{}|^$]/g, "\\$&");
}

describe("a policy", () => {
  test.each<[unknown, RegExp]>([
    [null, /must be an object, not null$/],
    [{ orgins: ["*"] }, /^"orgins" is not an option of a server policy: did you mean "origins"\?$/],
  ])("must not be %o, which is not an object of options", (policy, message) => {
    expect(() => judge(policy)).toThrow(argumentError(TypeError, expect.any(String), message));
  });

  test.each<[unknown, RegExp]>([
    [{ protocols: "chat" }, /^protocols must be a list or a function, not "chat": use \["chat"\]$/],
    [{ protocols: ["a b"] }, /^protocols must be tokens .* "a b" is not: use \["a", "b"\]$/],
    [{ protocols: [5] }, /^protocols must be tokens .* 5 is not$/],
    [{ protocols: 5 }, /^protocols must be a list or a function, not 5$/],
    [
      { origins: "https://a.example" },
      /^origins must be "\*", a list or a function, .* use \["https:\/\/a.example"\]$/,
    ],
    [{ origins: new Set(["*"]) }, /^origins must be .* not a Set object$/],
    [{ origins: true }, /^origins must be .* not true$/],
    [{ path: 5 }, /^path must be .* not 5$/],
  ])("must not be %o, which cannot match any request", (policy, message) => {
    expect(() => judge(policy)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  test("is checked once if it is valid, and each time if it is not", () => {
    let looks = 0;
    const get = () => {
      looks++;
      return "/chat";
    };
    const policy = Object.defineProperty({}, "path", { enumerable: true, get });
    judge(policy);
    const afterFirst = looks;
    judge(policy);
    // The second judgement reads it for the comparison only.
    expect(looks - afterFirst).toBeLessThan(afterFirst);
    const wrong = { path: "chat" };
    expect(() => judge(wrong)).toThrow(TypeError);
    expect(() => judge(wrong)).toThrow(TypeError);
  });
});
