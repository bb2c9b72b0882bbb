import { expect, it } from "vitest";
import { OPENING_RULES } from "../../src/node/opening-options.ts";
import { FOREIGN_TO_WEBSOCKET } from "../../src/websocket/foreign-options.ts";

it("no name with advice is an option of a WebSocket, or the advice would never be given", () => {
  const { highWaterMark: _, overflow: __, ...others } = OPENING_RULES;
  const options = new Set([...Object.keys(others), "protocols", "origin", "base"]);
  expect([...FOREIGN_TO_WEBSOCKET.keys()].filter((name) => options.has(name))).toEqual([]);
});
