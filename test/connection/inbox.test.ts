import fc from "fast-check";
import { expect, test } from "vitest";
import { Inbox } from "../../src/connection/inbox.ts";

test("gives back what was put in, in its order, whatever lies between", () => {
  const message = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  );
  const step = fc.oneof({ weight: 3, arbitrary: message }, { weight: 2, arbitrary: fc.constant(null) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const inbox = new Inbox();
      const model: (string | Buffer)[] = [];
      for (const each of steps) {
        if (each === null) {
          expect(inbox.take()).toBe(model.shift());
        } else {
          inbox.put(each);
          model.push(each);
        }
        expect(inbox.isEmpty).toBe(model.length === 0);
        expect(inbox.cost).toBe(model.reduce((sum, { length }) => sum + length + 64, 0));
      }
    }),
  );
});

test("a long queue keeps its order while it is cut off at the front", () => {
  const inbox = new Inbox();
  for (let i = 0; i < 3000; i++) inbox.put(String(i));
  for (let i = 0; i < 3000; i++) {
    expect(inbox.take()).toBe(String(i));
    inbox.put(String(3000 + i));
  }
  for (let i = 3000; i < 6000; i++) expect(inbox.take()).toBe(String(i));
  expect(inbox.take()).toBeUndefined();
});

test("RFC 6455 section 10.4: an empty message costs something too", () => {
  const inbox = new Inbox();
  inbox.put("");
  inbox.put(Buffer.alloc(0));
  expect(inbox.cost).toBe(128);
  expect(inbox.take()).toBe("");
  expect(inbox.isEmpty).toBe(false);
});
