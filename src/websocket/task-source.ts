// Not the global function: fake timers of an application must not delay the events of the whole process.
import { setImmediate } from "node:timers";
import { Fifo } from "../fifo.ts";

/** Has tasks that wait for their turn. */
export interface TaskHolder {
  /** Runs the first task that waits. */
  runTask(): void;
}

const waiting = new Fifo<TaskHolder>();

/**
 * Queues a task on the WebSocket task source of the WHATWG standard: all tasks of the process run in their order, none
 * within the call that queues it. Each has an immediate of its own, so that node performs a microtask checkpoint after it
 * (docs/decisions/0012-tasks-of-a-web-socket.md).
 */
export function queueTask(holder: TaskHolder): void {
  waiting.put(holder);
  setImmediate(runNext);
}

function runNext(): void {
  waiting.take()?.runTask();
}
