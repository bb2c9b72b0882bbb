import { expect, it } from "vitest";
import { ReadyState } from "../../src/websocket/ready-state.ts";

it("the ready states have the numbers of the WHATWG standard", () => {
  expect(ReadyState).toEqual({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 });
});
