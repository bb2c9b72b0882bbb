import { getEventListeners } from "node:events";
import { expect, test, vi } from "vitest";
import { shutDown } from "../../src/node/shutdown.ts";

function setUp() {
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const connections = { closeAll: vi.fn(), terminateAll: vi.fn(() => leave()) };
  const sockets = { destroyAll: vi.fn() };
  return { parts: { connections, sockets, gone }, connections, sockets, leave: () => leave() };
}

test("connections that close in time are not terminated, and the signal has no listener left", async () => {
  const { parts, connections, leave } = setUp();
  const { signal } = new AbortController();
  const done = shutDown(parts, { timeout: 600_000, signal });
  expect(getEventListeners(signal, "abort").length).toBe(1);
  leave();
  await done;
  expect([connections.closeAll.mock.calls, connections.terminateAll.mock.calls]).toEqual([
    [[1001, "the server is closing"]],
    [],
  ]);
  expect(getEventListeners(signal, "abort").length).toBe(0);
});

test.each([
  ["when the signal is aborted", false],
  ["at once if it was aborted before", true],
])("the others are terminated %s", async (_when, isAbortedBefore) => {
  const { parts, connections, sockets } = setUp();
  const controller = new AbortController();
  if (isAbortedBefore) controller.abort();
  const done = shutDown(parts, { timeout: 600_000, signal: controller.signal });
  controller.abort();
  await done;
  expect([connections.terminateAll.mock.calls.length, sockets.destroyAll.mock.calls.length]).toEqual([1, 1]);
});
