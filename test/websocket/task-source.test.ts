import { describe, expect, it, onTestFinished, vi } from "vitest";
import { queueTask, type TaskHolder } from "../../src/websocket/task-source.ts";
import { watchUncaught } from "../support/uncaught.ts";

/** Runs its tasks and notes what happens. */
function holder(log: string[], ...tasks: (() => unknown)[]): TaskHolder {
  return {
    runTask() {
      log.push("task");
      tasks.shift()?.();
    },
  };
}

/** The end of the turn in which everything that was queued has run. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe("the WebSocket task source", () => {
  it("runs no task within the call that queues it, nor in a microtask or a tick after it", async () => {
    const log: string[] = [];
    queueTask(holder(log));
    log.push("call");
    process.nextTick(() => log.push("tick"));
    await Promise.resolve();
    log.push("microtask");
    await turn();
    expect(log).toEqual(["call", "microtask", "tick", "task"]);
  });

  it("performs a microtask checkpoint between two tasks: chains of promises end before the second", async () => {
    const log: string[] = [];
    const tasks = holder(log, async () => {
      for (let step = 1; step <= 5; step++) {
        await null;
        log.push(`step ${step}`);
      }
      process.nextTick(() => log.push("tick"));
    });
    queueTask(tasks);
    queueTask(tasks);
    await turn();
    expect(log).toEqual(["task", "step 1", "step 2", "step 3", "step 4", "step 5", "tick", "task"]);
  });

  it("runs the tasks of all holders in the order in which they were queued", async () => {
    const log: string[] = [];
    const [one, two] = ["one", "two"].map((name) => ({ runTask: () => log.push(name) }) as unknown as TaskHolder) as [
      TaskHolder,
      TaskHolder,
    ];
    for (const each of [one, two, two, one]) queueTask(each);
    await turn();
    expect(log).toEqual(["one", "two", "two", "one"]);
  });

  it("goes on after a task that throws", async () => {
    const uncaught = watchUncaught();
    const log: string[] = [];
    const error = new Error("thrown by a task");
    const tasks = holder(log, () => {
      throw error;
    });
    queueTask(tasks);
    queueTask(tasks);
    await turn();
    await turn();
    expect(log).toEqual(["task", "task"]);
    expect(uncaught).toEqual([error]);
  });

  it("runs each task while the application fakes its timers, and none of them late afterwards", async () => {
    onTestFinished(() => void vi.useRealTimers());
    const log: string[] = [];
    vi.useFakeTimers();
    queueTask(holder(log, () => log.push("with fake timers")));
    vi.useRealTimers();
    await turn();
    expect(log).toEqual(["task", "with fake timers"]);
    queueTask(holder(log, () => log.push("with real timers")));
    await turn();
    expect(log).toEqual(["task", "with fake timers", "task", "with real timers"]);
  });
});
