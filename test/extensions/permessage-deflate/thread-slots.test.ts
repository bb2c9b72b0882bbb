import { describe, expect, it } from "vitest";
import { inThreadSlot } from "../../../src/extensions/permessage-deflate/thread-slots.ts";

const wanted = () => true;

/** Jobs that end when the test says so. */
class Jobs {
  readonly started: number[] = [];
  readonly #ends: (() => void)[] = [];

  add(index: number, isWanted = wanted): Promise<number> {
    const work = () => {
      this.started.push(index);
      return new Promise<number>((resolve) => {
        this.#ends[index] = () => resolve(index);
      });
    };
    return inThreadSlot(work, isWanted);
  }

  async end(index: number): Promise<void> {
    this.#ends[index]?.();
    await new Promise(setImmediate);
  }
}

describe("work in zlib's threads", () => {
  it("jobs start in the order of the calls, and four run at the same time", async () => {
    const jobs = new Jobs();
    const results = [0, 1, 2, 3, 4, 5].map((index) => jobs.add(index));
    expect(jobs.started).toEqual([0, 1, 2, 3]);
    await jobs.end(2);
    expect(jobs.started).toEqual([0, 1, 2, 3, 4]);
    for (const index of [0, 1, 3, 4, 5]) await jobs.end(index);
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("a job whose result is not needed any more is skipped, and its promise is rejected", async () => {
    const jobs = new Jobs();
    let open = true;
    const results = [0, 1, 2, 3].map((index) => jobs.add(index));
    const dropped = [4, 5].map((index) => jobs.add(index, () => open));
    const last = jobs.add(6);
    open = false;
    const rejected = Promise.all(
      dropped.map((each) => expect(each).rejects.toThrow("closed before its message was processed")),
    );
    await jobs.end(0);
    await rejected;
    expect(jobs.started).toEqual([0, 1, 2, 3, 6]);
    for (const index of [1, 2, 3, 6]) await jobs.end(index);
    await Promise.all([...results, last]);
  });

  it("a job that fails frees its slot", async () => {
    const jobs = new Jobs();
    const fails = () => Promise.reject(new Error("no memory"));
    await Promise.all(
      Array.from({ length: 9 }, () => expect(inThreadSlot(fails, wanted)).rejects.toThrow("no memory")),
    );
    const results = [0, 1, 2, 3].map((index) => jobs.add(index));
    expect(jobs.started).toEqual([0, 1, 2, 3]);
    for (const index of [0, 1, 2, 3]) await jobs.end(index);
    await Promise.all(results);
  });
});
