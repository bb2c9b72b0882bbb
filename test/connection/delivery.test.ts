import { describe, expect, test } from "vitest";
import { ConnectionEmitter } from "../../src/connection/connection-emitter.ts";
import { Delivery } from "../../src/connection/delivery.ts";
import { turn } from "../support/connection-harness.ts";

/** A connection that keeps the rest of a chunk while reading is stopped. */
class FakeHost extends ConnectionEmitter {
  readonly got: unknown[] = [];
  readonly calls: string[] = [];
  stopped = false;
  /** Messages that come as soon as reading goes on. */
  rest: string[] = [];
  onMessage = (_data: string | Buffer) => {};
  readonly delivery: Delivery;
  readonly #listener = (data: string | Buffer) => {
    this.got.push(data);
    this.onMessage(data);
  };

  constructor(maxQueued: number) {
    super({ onListener() {}, onMessageListenerGone() {} });
    const source = { pause: () => this.#pause(), resume: () => this.#resume() };
    this.delivery = new Delivery(this, source, maxQueued, {
      onListenedTooLate: () => this.calls.push("too late"),
      onDelivered: () => this.calls.push("delivered"),
    });
    this.hasMessageListener = true;
  }

  set hasMessageListener(isListening: boolean) {
    if (isListening) this.on("message", this.#listener);
    else this.off("message", this.#listener);
  }

  read(...messages: string[]): void {
    this.rest.push(...messages);
    while (!this.stopped && this.rest.length > 0) this.delivery.put(this.rest.shift() as string);
  }

  #pause(): void {
    this.calls.push("stop");
    this.stopped = true;
  }

  #resume(): void {
    if (!this.stopped) return;
    this.calls.push("on");
    this.stopped = false;
    this.read();
  }
}

describe("to listeners", () => {
  test("a message goes straight to its listener, and nothing is queued", () => {
    const host = new FakeHost(100);
    host.read("a", "b");
    expect(host.got).toEqual(["a", "b"]);
    expect(host.delivery.isEmpty).toBe(true);
    expect(host.calls).toEqual([]);
  });

  test("messages are delivered in their order and in a later tick if nobody listens at first", async () => {
    const host = new FakeHost(1000);
    host.hasMessageListener = false;
    host.read("a", "b");
    host.hasMessageListener = true;
    host.delivery.deliverSoon();
    host.delivery.deliverSoon();
    host.read("c");
    expect(host.got).toEqual([]);
    await turn();
    expect(host.got).toEqual(["a", "b", "c"]);
    expect(host.calls).toEqual(["delivered"]);
  });

  test("reading stops at the bound of the queue, goes on when the queue is empty, and nothing is lost", async () => {
    const host = new FakeHost(2 * 65);
    host.delivery.pause();
    host.read("a", "b", "c", "d", "e");
    expect(host.delivery.isHoldingBack).toBe(true);
    expect(host.rest).toEqual(["c", "d", "e"]);
    host.delivery.resume();
    await turn();
    expect(host.got).toEqual(["a", "b", "c", "d", "e"]);
    expect(host.calls).toEqual(["stop", "on", "delivered"]);
  });

  test("a listener that pauses in the middle gets no more until it resumes", async () => {
    const host = new FakeHost(1000);
    host.delivery.pause();
    host.read("a", "b", "c");
    host.onMessage = (data) => {
      if (data === "b") host.delivery.pause();
    };
    host.delivery.resume();
    await turn();
    expect(host.got).toEqual(["a", "b"]);
    expect(host.delivery.isPaused).toBe(true);
    host.delivery.resume();
    await turn();
    expect(host.got).toEqual(["a", "b", "c"]);
  });

  test("a listener that is detached in the middle leaves the remaining messages queued, and that is reported", async () => {
    const host = new FakeHost(1000);
    host.delivery.pause();
    host.read("a", "b");
    host.onMessage = () => {
      host.hasMessageListener = false;
    };
    host.delivery.resume();
    await turn();
    expect(host.got).toEqual(["a"]);
    expect(host.delivery.isEmpty).toBe(false);
    expect(host.calls).toEqual(["delivered"]);
  });
});

describe("to a loop", () => {
  test("messages go to a loop and not to the listeners until the loop is over", async () => {
    const host = new FakeHost(1000);
    const loop = host.delivery.iterate();
    expect(host.delivery.isIterated).toBe(true);
    host.read("a", "b");
    expect((await loop.next()).value).toBe("a");
    expect(host.got).toEqual([]);
    await loop.return();
    await turn();
    expect(host.got).toEqual(["b"]);
    expect(host.delivery.isIterated).toBe(false);
  });

  test("a message longer than the bound that a waiting loop takes at once does not stop the reading", async () => {
    const host = new FakeHost(100);
    const loop = host.delivery.iterate();
    const next = loop.next();
    host.read("x".repeat(1000), "behind");
    expect((await next).value).toHaveLength(1000);
    expect(host.stopped).toBe(false);
    expect((await loop.next()).value).toBe("behind");
  });

  test("the bound of the queue stops the reading for a loop, and taking lets it go on", async () => {
    const host = new FakeHost(2 * 65);
    const loop = host.delivery.iterate();
    host.read("a", "b", "c", "d");
    expect(host.rest).toEqual(["c", "d"]);
    expect((await loop.next()).value).toBe("a");
    expect(host.rest).toEqual(["d"]);
    expect(host.stopped).toBe(true);
    for (const expected of ["b", "c", "d"]) expect((await loop.next()).value).toBe(expected);
    expect(host.stopped).toBe(false);
  });

  test("a second loop at the same time throws, since the two would share the messages by chance", async () => {
    const { delivery } = new FakeHost(100);
    const loop = delivery.iterate();
    expect(() => delivery.iterate()).toThrow("iterated already");
    await loop.return();
    expect(() => delivery.iterate()).not.toThrow();
  });

  test("a loop that waits ends when no message can come any more", async () => {
    const host = new FakeHost(100);
    const next = host.delivery.iterate().next();
    host.delivery.onInputEnd({ error: null, firstError: null });
    expect((await next).done).toBe(true);
  });
});
