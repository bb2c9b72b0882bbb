import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BufferedAmount } from "../../src/websocket/buffered-amount.ts";

describe("the buffered amount", () => {
  it("counts messages without the headers of their frames, until they have left", () => {
    const amount = new BufferedAmount();
    amount.add(10);
    amount.place(16);
    amount.add(20);
    amount.place(42);
    expect(amount.value).toBe(30);
    amount.settle(16);
    expect(amount.value).toBe(20);
    amount.settle(42);
    expect(amount.value).toBe(0);
  });

  it("counts the part of a message that has not left", () => {
    const amount = new BufferedAmount();
    amount.add(1000);
    amount.place(1008);
    const at = (left: number) => {
      amount.settle(left);
      return amount.value;
    };
    expect([0, 8, 108, 1007, 1008].map(at)).toEqual([1000, 1000, 900, 1, 0]);
  });

  it("counts a compressed message in proportion to the bytes that have left", () => {
    const amount = new BufferedAmount();
    amount.add(1000);
    amount.place(100);
    const at = (left: number) => {
      amount.settle(left);
      return amount.value;
    };
    expect([0, 50, 99, 100].map(at)).toEqual([1000, 500, 10, 0]);
  });

  it("counts a message that is not framed yet, whatever has left", () => {
    const amount = new BufferedAmount();
    amount.add(5);
    amount.settle(1e9);
    expect(amount.value).toBe(5);
    amount.place(1e9 + 11);
    amount.settle(1e9 + 11);
    expect(amount.value).toBe(0);
  });

  it("never loses a message that was sent after the end", () => {
    const amount = new BufferedAmount();
    amount.addLost(7);
    amount.settle(1e9);
    expect(amount.value).toBe(7);
  });

  it("corrects an end that was estimated too far away once everything has left", () => {
    const amount = new BufferedAmount();
    amount.add(1000);
    amount.place(1100);
    amount.add(10);
    amount.place(60);
    amount.settle(60);
    expect(amount.value).toBeGreaterThan(0);
    amount.onAllLeft();
    amount.settle(60);
    expect(amount.value).toBe(0);
    amount.add(5);
    amount.place(71);
    amount.settle(60);
    expect(amount.value).toBe(5);
  });

  it("is what a plain count of the bytes gives, for any messages and any progress", () => {
    const step = fc.oneof(fc.record({ send: fc.nat(300) }), fc.record({ leave: fc.integer({ min: 0, max: 1000 }) }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
        const amount = new BufferedAmount();
        const messages: { size: number; end: number }[] = [];
        let written = 0;
        let left = 0;
        for (const each of steps) {
          if ("send" in each) {
            written += each.send + 6;
            messages.push({ size: each.send, end: written });
            amount.add(each.send);
            amount.place(written);
          } else {
            left = Math.min(written, left + each.leave);
            amount.settle(left);
          }
          const waiting = messages.map(({ size, end }) => Math.max(0, Math.min(size, end - left)));
          expect(amount.value).toBe(waiting.reduce((sum, value) => sum + value, 0));
        }
      }),
    );
  });
});
