import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "../src/fifo.ts";

const put = fc.record({ put: fc.string({ maxLength: 3 }) });
const step = fc.oneof({ weight: 8, arbitrary: put }, fc.constant("take"), fc.constant("retain"));

test("a Fifo returns its items in order, whatever was taken and dropped before", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 0, max: 700 }), (steps, taken) => {
      const fifo = new Fifo<string>();
      let model: string[] = [];
      for (let index = 0; index < 600; index++) fifo.put(String(index));
      for (let index = 0; index < taken; index++) fifo.take();
      for (let index = taken; index < 600; index++) model.push(String(index));
      for (const each of steps) {
        if (each === "take") {
          expect(fifo.take()).toBe(model.shift());
        } else if (each === "retain") {
          fifo.retain((item) => item.length % 2 === 1);
          model = model.filter((item) => item.length % 2 === 1);
        } else if (typeof each === "object") {
          fifo.put(each.put);
          model.push(each.put);
        }
        expect(fifo.isEmpty).toBe(model.length === 0);
      }
      for (const item of model) expect(fifo.take()).toBe(item);
      expect(fifo.take()).toBeUndefined();
    }),
  );
});

test("a cleared Fifo is empty", () => {
  const fifo = new Fifo<string>();
  fifo.put("a");
  fifo.clear();
  expect(fifo.isEmpty).toBe(true);
  expect(fifo.take()).toBeUndefined();
});
