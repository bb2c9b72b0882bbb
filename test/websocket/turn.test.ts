import { expect, it, onTestFinished, vi } from "vitest";
import { currentTurn } from "../../src/websocket/turn.ts";

const immediate = () => new Promise((resolve) => setImmediate(resolve));

it("the number of the turn stays within a turn, microtasks and ticks included", async () => {
  const first = currentTurn();
  await Promise.resolve();
  expect(currentTurn()).toBe(first);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  expect(currentTurn()).toBe(first);
});

it("the number of the turn is another one in the next turn", async () => {
  const first = currentTurn();
  await immediate();
  const second = currentTurn();
  expect(second).toBeGreaterThan(first);
  await immediate();
  await immediate();
  expect(currentTurn()).toBeGreaterThan(second);
});

it("the number of the turn still changes if the application fakes its timers meanwhile", async () => {
  onTestFinished(() => void vi.useRealTimers());
  // The end of the turn that an earlier test has asked in.
  await immediate();
  vi.useFakeTimers();
  const first = currentTurn();
  vi.useRealTimers();
  await immediate();
  await immediate();
  expect(currentTurn()).toBeGreaterThan(first);
});
