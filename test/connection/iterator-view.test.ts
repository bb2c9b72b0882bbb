import { expect, test, vi } from "vitest";
import { iteratorOf } from "../../src/connection/iterator-view.ts";

test("an application gets the methods of an iterator, and nothing else of the loop", async () => {
  const loop = {
    next: vi.fn(async () => ({ done: false as const, value: 1 })),
    return: vi.fn(async () => ({ done: true as const, value: undefined })),
    inside: "the loop",
  };
  const iterator = iteratorOf(loop);
  expect(Reflect.ownKeys(iterator)).toEqual(["next", "return", Symbol.asyncIterator]);
  for await (const value of iterator) {
    expect(value).toBe(1);
    break;
  }
  expect([loop.next.mock.calls.length, loop.return.mock.calls.length]).toEqual([1, 1]);
});
