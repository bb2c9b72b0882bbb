import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as handshake from "../../src/handshake/index.ts";

test("the public names are these", () => {
  expect(Object.keys(handshake).sort()).toEqual([
    "HeadReader",
    "HeaderFields",
    "acceptKeyFor",
    "checkResponse",
    "chooseSubprotocol",
    "createKey",
    "formatAcceptance",
    "formatRefusal",
    "formatRequest",
    "isKey",
    "isOriginAllowed",
    "isRefusal",
    "judgeRequest",
    "parseRequestHead",
    "parseResponseHead",
    "parseSubprotocols",
    "parseWebSocketUrl",
    "resourcePath",
  ]);
});

test("the room is pure: it imports errors, checks of arguments, the extension grammar and node:crypto, nothing else", () => {
  const folder = new URL("../../src/handshake/", import.meta.url);
  for (const file of readdirSync(folder)) {
    const source = readFileSync(new URL(file, folder), "utf8");
    for (const [, target = ""] of source.matchAll(/from "([^"]+)"/g)) {
      expect(target, file).toMatch(
        /^(\.\/[a-z-]+\.ts|\.\.\/errors\.ts|\.\.\/arguments\/index\.ts|\.\.\/extensions\/(extension-header|token)\.ts|node:crypto)$/,
      );
    }
  }
});
