import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { emitGuarded, emitMessage } from "../../src/connection/guarded-emit.ts";
import { turn } from "../support/connection-harness.ts";
import { watchUncaught } from "../support/uncaught.ts";

interface Events {
  message: [data: string | Buffer];
}

const WAYS = [
  ["emitGuarded()", (emitter: EventEmitter<Events>, data: string) => emitGuarded(emitter, "message", data)],
  ["emitMessage()", (emitter: EventEmitter<Events>, data: string) => emitMessage(emitter as EventEmitter, data)],
] as const;

describe.each(WAYS)("%s", (_name, emit) => {
  test("a guarded emit calls the listeners in their order, and returns whether there was one", () => {
    const emitter = new EventEmitter<Events>();
    expect(emit(emitter, "nobody")).toBe(false);
    const heard: unknown[] = [];
    emitter.on("message", (data) => heard.push(["first", data]));
    emitter.on("message", (data) => heard.push(["second", data]));
    expect(emit(emitter, "x")).toBe(true);
    expect(heard).toEqual([
      ["first", "x"],
      ["second", "x"],
    ]);
  });

  test("a guarded emit does not throw what a listener throws: it is an uncaught exception later", async () => {
    const uncaught = watchUncaught();
    const emitter = new EventEmitter<Events>();
    const error = new Error("of the application");
    emitter.on("message", () => {
      throw error;
    });
    expect(emit(emitter, "x")).toBe(true);
    expect(uncaught).toEqual([]);
    await turn();
    expect(uncaught).toEqual([error]);
  });

  test("a guarded emit does not call a property emit that the application has set", () => {
    const emitter = new EventEmitter<Events>();
    const heard: unknown[] = [];
    emitter.on("message", (data) => heard.push(data));
    emitter.emit = () => {
      throw new Error("called");
    };
    expect(emit(emitter, "x")).toBe(true);
    expect(heard).toEqual(["x"]);
  });
});
