/** Messages for which the budget of the turn is used up. The test itself begins the turns. */
import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, test, vi } from "vitest";
import { type ContextOptions, DeflateContexts } from "../../../src/extensions/permessage-deflate/deflate-contexts.ts";
import { TurnBudget } from "../../../src/extensions/permessage-deflate/turn-budget.ts";
import { Opcode } from "../../../src/framing/index.ts";
import { codec, wordy } from "./codecs.ts";

const MESSAGE = wordy(1000);
const PAYLOAD = flushed(MESSAGE);

function flushed(message: Uint8Array): Buffer {
  return deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Contexts that process one message per turn, or none after `spend`. */
function oneInATestTurn(options: Pick<ContextOptions, "direct"> = {}) {
  let begin: (() => void) | null = null;
  const budget = new TurnBudget(1, (beginTurn) => {
    begin = beginTurn;
  });
  const contexts = new DeflateContexts({ ...options, inflating: budget, deflating: budget });
  const nextTurn = () => {
    const beginTurn = begin;
    begin = null;
    beginTurn?.();
  };
  return { budget, contexts, nextTurn };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}

/** The number of messages that were processed. */
function usesOf({ statistics }: DeflateContexts): number {
  return Object.values(statistics).reduce((sum, { hits, misses }) => sum + hits + misses, 0);
}

describe("a message while the budget of the turn is used up", () => {
  test("messages beyond the budget are inflated in later turns, one after the other", async () => {
    const { contexts, nextTurn } = oneInATestTurn();
    const codecs = Array.from({ length: 4 }, () => codec({ contexts }));
    const results = codecs.map((each) => each.decode(Buffer.from(PAYLOAD), Opcode.Text));
    expect(results.map((result) => result instanceof Promise)).toEqual([false, true, true, true]);
    for (const done of [1, 2, 3, 4]) {
      expect(usesOf(contexts)).toBe(done);
      nextTurn();
    }
    for (const result of await Promise.all(results.slice(1))) expect(MESSAGE.equals(result as Buffer)).toBe(true);
  });

  test.each([true, false])(
    "messages beyond the budget are compressed in later turns, one after the other, with context takeover %s",
    async (takeover) => {
      const { contexts, nextTurn } = oneInATestTurn();
      const codecs = Array.from({ length: 4 }, () => codec({ contexts, config: { encodeTakeover: takeover } }));
      const results = codecs.map((each) => each.encode(MESSAGE, Opcode.Text, {}));
      expect(results.map((result) => result instanceof Promise)).toEqual([false, true, true, true]);
      for (const done of [1, 2, 3, 4]) {
        expect(usesOf(contexts)).toBe(done);
        nextTurn();
      }
      const [first, ...others] = await Promise.all(results);
      expect(others).toEqual([first, first, first]);
    },
  );

  test("a message for many connections beyond the budget is compressed in a later turn", async () => {
    const { contexts, nextTurn } = oneInATestTurn();
    const { sharedEncoder } = codec({ contexts });
    const first = sharedEncoder.encode(MESSAGE, Opcode.Text, {});
    const second = sharedEncoder.encode(MESSAGE, Opcode.Text, {});
    expect([first instanceof Promise, second instanceof Promise]).toEqual([false, true]);
    expect(usesOf(contexts)).toBe(1);
    nextTurn();
    expect(await second).toEqual(first);
  });

  test("a waiting message is not processed once its connection has closed", async () => {
    const { contexts, budget, nextTurn } = oneInATestTurn();
    budget.spend(1);
    const closing = codec({ contexts });
    const results = [closing.decode(PAYLOAD, Opcode.Text), closing.encode(MESSAGE, Opcode.Text, {})];
    closing.close();
    nextTurn();
    for (const result of results) await expect(result).rejects.toThrow("the connection closed");
    expect(usesOf(contexts)).toBe(0);
  });

  test("a waiting message whose memory was detached is sent uncompressed", async () => {
    const { contexts, budget, nextTurn } = oneInATestTurn();
    budget.spend(1);
    const message = new Uint8Array(MESSAGE);
    const result = codec({ contexts }).encode(message, Opcode.Binary, {});
    structuredClone(message.buffer, { transfer: [message.buffer] });
    nextTurn();
    expect(await result).toBeNull();
  });
});

describe("messages that zlib's threads have inflated", () => {
  test("messages inflated in threads are delivered as the budget allows, and at most four of them wait", async () => {
    const { contexts, budget, nextTurn } = oneInATestTurn({ direct: false });
    budget.spend(1);
    const finished = vi.spyOn(budget, "later");
    let delivered = 0;
    const results = Array.from({ length: 6 }, async () => {
      await codec({ contexts }).decode(Buffer.from(PAYLOAD), Opcode.Text);
      delivered++;
    });
    await until(() => finished.mock.calls.length === 4);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect([finished.mock.calls.length, delivered]).toEqual([4, 0]);
    for (const count of [1, 2, 3, 4, 5, 6]) {
      nextTurn();
      await until(() => delivered === count && finished.mock.calls.length === Math.min(6, 4 + count));
    }
    await Promise.all(results);
    expect(delivered).toBe(6);
  });
});
