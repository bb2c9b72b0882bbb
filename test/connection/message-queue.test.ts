import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageQueue } from "../../src/connection/message-queue.ts";

test("a MessageQueue gives back the messages in their order, whatever lies between", () => {
  const message = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  );
  const step = fc.oneof({ weight: 3, arbitrary: message }, { weight: 2, arbitrary: fc.constant(null) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new MessageQueue();
      const model: (string | Buffer)[] = [];
      for (const each of steps) {
        if (each === null) {
          expect(queue.take()).toBe(model.shift());
        } else {
          queue.put(each);
          model.push(each);
        }
        expect(queue.isEmpty).toBe(model.length === 0);
        expect(queue.cost).toBe(model.reduce((sum, { length }) => sum + length + 64, 0));
      }
    }),
  );
});

test("a long MessageQueue keeps its order while it is cut off at the front", () => {
  const queue = new MessageQueue();
  for (let i = 0; i < 3000; i++) queue.put(String(i));
  for (let i = 0; i < 3000; i++) {
    expect(queue.take()).toBe(String(i));
    queue.put(String(3000 + i));
  }
  for (let i = 3000; i < 6000; i++) expect(queue.take()).toBe(String(i));
  expect(queue.take()).toBeUndefined();
});

test("RFC 6455 section 10.4: an empty message costs something in a MessageQueue", () => {
  const queue = new MessageQueue();
  queue.put("");
  queue.put(Buffer.alloc(0));
  expect(queue.cost).toBe(128);
  expect(queue.take()).toBe("");
  expect(queue.isEmpty).toBe(false);
});
