import { expect, test, vi } from "vitest";
import { OpenEndpoints } from "../../src/endpoint/open-endpoints.ts";

function setUp() {
  const listener = { onFirst: vi.fn(), onLastGone: vi.fn() };
  const open = new OpenEndpoints<string>(listener);
  const endpoint = () => ({ onSweep() {}, flushAtExit() {} });
  return { listener, open, one: endpoint(), other: endpoint() };
}

test("the open endpoints report the first that comes and the last that goes, each time anew", () => {
  const { listener, open, one, other } = setUp();
  open.add(one, "one");
  open.add(other, "other");
  expect(listener.onFirst).toHaveBeenCalledTimes(1);
  open.delete("one");
  expect(listener.onLastGone).not.toHaveBeenCalled();
  open.delete("other");
  expect(listener.onLastGone).toHaveBeenCalledTimes(1);
  open.add(one, "one");
  expect(listener.onFirst).toHaveBeenCalledTimes(2);
  open.delete("one");
  expect(listener.onLastGone).toHaveBeenCalledTimes(2);
});

test("an endpoint that is deleted twice, or was never added, is not reported as the last", () => {
  const { listener, open, one } = setUp();
  open.delete("one");
  open.add(one, "one");
  open.delete("other");
  expect(listener.onLastGone).not.toHaveBeenCalled();
  open.delete("one");
  open.delete("one");
  expect(listener.onLastGone).toHaveBeenCalledTimes(1);
});

test("the faces of the open endpoints are those that were added and not deleted", () => {
  const { open, one, other } = setUp();
  open.add(one, "one");
  open.add(other, "other");
  const { faces } = open;
  expect([...faces]).toEqual(["one", "other"]);
  open.delete("one");
  expect([...faces], "the set is a view, not a copy").toEqual(["other"]);
  open.delete("other");
});

test("a walk over the open endpoints gives each of them, and not one that closes meanwhile", () => {
  const { open, one, other } = setUp();
  open.add(one, "one");
  open.add(other, "other");
  const seen: unknown[] = [];
  for (const each of open) {
    seen.push(each);
    open.delete("other");
  }
  expect(seen).toEqual([one]);
  open.delete("one");
});

test("the process has an 'exit' listener only while endpoints are open", () => {
  const before = process.listenerCount("exit");
  const { open, one } = setUp();
  open.add(one, "one");
  const during = process.listenerCount("exit");
  open.delete("one");
  expect(process.listenerCount("exit")).toBe(before);
  expect(during).toBeGreaterThanOrEqual(before);
});
