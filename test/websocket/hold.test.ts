import { describe, expect, it } from "vitest";
import { Hold } from "../../src/websocket/hold.ts";

/** Whether an object is alive is tested in collection.test.ts, where the garbage collector can be called. */
describe("a hold", () => {
  it("gives its object, with any reasons or none", () => {
    const object = {};
    const hold = new Hold(object);
    expect(hold.target).toBe(object);
    hold.set("listeners", true);
    hold.set("sending", true);
    expect(hold.target).toBe(object);
    hold.set("listeners", false);
    hold.release();
    expect(hold.target).toBe(object);
  });
});
