import { describe, expect, it } from "vitest";
import { inThreadSlot } from "../../../src/extensions/permessage-deflate/thread-slots.ts";

const wanted = () => true;

/** Pieces of work that end when they are told to. */
class Workshop {
  readonly begun: number[] = [];
  readonly #ends: (() => void)[] = [];

  add(index: number, isWanted = wanted): Promise<number> {
    const work = () => {
      this.begun.push(index);
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
  it("is begun in its order, four at once", async () => {
    const workshop = new Workshop();
    const results = [0, 1, 2, 3, 4, 5].map((index) => workshop.add(index));
    expect(workshop.begun).toEqual([0, 1, 2, 3]);
    await workshop.end(2);
    expect(workshop.begun).toEqual([0, 1, 2, 3, 4]);
    for (const index of [0, 1, 3, 4, 5]) await workshop.end(index);
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("is left out once nobody wants it, and those behind it come sooner", async () => {
    const workshop = new Workshop();
    let open = true;
    const results = [0, 1, 2, 3].map((index) => workshop.add(index));
    const dropped = [4, 5].map((index) => workshop.add(index, () => open));
    const last = workshop.add(6);
    open = false;
    const refused = Promise.all(
      dropped.map((each) => expect(each).rejects.toThrow("closed before its message was processed")),
    );
    await workshop.end(0);
    await refused;
    expect(workshop.begun).toEqual([0, 1, 2, 3, 6]);
    for (const index of [1, 2, 3, 6]) await workshop.end(index);
    await Promise.all([...results, last]);
  });

  it("that fails makes room as well", async () => {
    const workshop = new Workshop();
    const fails = () => Promise.reject(new Error("no memory"));
    await Promise.all(
      Array.from({ length: 9 }, () => expect(inThreadSlot(fails, wanted)).rejects.toThrow("no memory")),
    );
    const results = [0, 1, 2, 3].map((index) => workshop.add(index));
    expect(workshop.begun).toEqual([0, 1, 2, 3]);
    for (const index of [0, 1, 2, 3]) await workshop.end(index);
    await Promise.all(results);
  });
});
