import { delimiter, join } from "node:path";
import { describe, expect, test } from "vitest";
import { decide, findPart } from "./system-parts.ts";

describe("decide", () => {
  test("a suite runs with the path of the system part that was found, in CI and outside", () => {
    expect(decide("curl", "/usr/bin/curl", {})).toEqual({ action: "run", path: "/usr/bin/curl" });
    expect(decide("curl", "/usr/bin/curl", { CI: "true" })).toEqual({ action: "run", path: "/usr/bin/curl" });
  });

  test("a suite fails in CI if the system part is missing, and the reason has the command to install it", () => {
    expect(decide("openssl", undefined, { CI: "true" })).toEqual({
      action: "fail",
      reason: "openssl was not found. Debian, Ubuntu: apt-get install openssl. macOS: brew install openssl.",
    });
  });

  test.each([undefined, "", "0", "false", "False"])(
    "a suite is skipped if the system part is missing and CI is %j",
    (CI) => {
      expect(decide("curl", undefined, { CI })).toEqual({
        action: "skip",
        reason: "curl was not found. Debian, Ubuntu: apt-get install curl. macOS: brew install curl.",
      });
    },
  );

  test("the reason names the variable that may name chromium, and a wrong value of it", () => {
    const without = decide("chromium", undefined, {});
    expect(without).toMatchObject({
      reason: expect.stringMatching(
        /^chromium was not found\. .*apt-get install chromium\..*brew install.*; TAUTLINE_CHROMIUM may name/,
      ),
    });
    const wrong = decide("chromium", undefined, { TAUTLINE_CHROMIUM: "/nowhere/chrome" });
    expect(wrong).toMatchObject({
      reason: expect.stringMatching(/^TAUTLINE_CHROMIUM names \/nowhere\/chrome, which is not an executable file\./),
    });
  });
});

describe("findPart", () => {
  const among = (...paths: string[]) => {
    return (path: string): boolean => paths.includes(path);
  };

  test("findPart() takes the first folder of the PATH that has the program", () => {
    const env = { PATH: ["/a", "", "/b", "/c"].join(delimiter) };
    expect(findPart("curl", env, among(join("/b", "curl"), join("/c", "curl")))).toBe(join("/b", "curl"));
  });

  test("findPart() finds chromium by its other names and in its other places", () => {
    const env = { PATH: "/a" };
    expect(findPart("chromium", env, among("/a/google-chrome"))).toBe("/a/google-chrome");
    expect(findPart("chromium", {}, among("/usr/bin/chromium-browser"))).toBe("/usr/bin/chromium-browser");
  });

  test("findPart() prefers TAUTLINE_CHROMIUM, and does not search if that is wrong", () => {
    const env = { PATH: "/a", TAUTLINE_CHROMIUM: "/opt/chrome" };
    expect(findPart("chromium", env, among("/a/chromium", "/opt/chrome"))).toBe("/opt/chrome");
    expect(findPart("chromium", env, among("/a/chromium"))).toBeUndefined();
  });

  test("findPart() finds nothing if the program is not installed", () => {
    expect(findPart("curl", { PATH: "/a" }, among())).toBeUndefined();
    expect(findPart("curl", {}, among("/a/curl"))).toBeUndefined();
  });

  test("findPart() accepts an executable file, but not a folder of that name", () => {
    const found = findPart("chromium", { TAUTLINE_CHROMIUM: process.execPath });
    expect(found).toBe(process.execPath);
    expect(findPart("chromium", { TAUTLINE_CHROMIUM: "/" })).toBeUndefined();
  });
});
