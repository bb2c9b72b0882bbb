import { PassThrough } from "node:stream";
import { describe, expect, test, vi } from "vitest";
import { SocketSet } from "../../src/node/socket-set.ts";
import { turn } from "../support/connection-harness.ts";
import { watchUncaught } from "../support/uncaught.ts";

/** Watches whether `whenEmpty()` has been fulfilled. */
function watch(set: SocketSet): { isEmpty: boolean } {
  const state = { isEmpty: false };
  void set.whenEmpty().then(() => {
    state.isEmpty = true;
  });
  return state;
}

describe("a set of sockets", () => {
  test("a set of sockets is empty at first", async () => {
    expect(await new SocketSet().whenEmpty()).toBeUndefined();
  });

  test("a set of sockets is empty once its last socket has closed or was released, and not before", async () => {
    const set = new SocketSet();
    const [one, other] = [new PassThrough(), new PassThrough()];
    set.add(one);
    set.add(other);
    const state = watch(set);
    one.destroy();
    await turn();
    expect(state.isEmpty).toBe(false);
    set.release(other);
    await turn();
    expect(state.isEmpty).toBe(true);
  });

  test("a set of sockets leaves no listener on a socket that was released", () => {
    const set = new SocketSet();
    const socket = new PassThrough();
    set.add(socket);
    expect(socket.listenerCount("close")).toBe(1);
    set.release(socket);
    expect(socket.listenerCount("close")).toBe(0);
  });

  test("a set of sockets has one listener function for all sockets, since one for each would stay with every connection over TLS", () => {
    const set = new SocketSet();
    const [one, other] = [new PassThrough(), new PassThrough()];
    set.add(one);
    set.add(other);
    expect(one.listeners("close")).toEqual(other.listeners("close"));
  });

  test("a set of sockets does not mind the release of a socket that it does not hold", () => {
    const set = new SocketSet();
    set.add(new PassThrough());
    expect(() => set.release(new PassThrough())).not.toThrow();
  });

  test("a set of sockets destroys all of its sockets, although one throws, whose error is uncaught", async () => {
    const uncaught = watchUncaught();
    const set = new SocketSet();
    const [broken, other] = [new PassThrough(), new PassThrough()];
    const error = new Error("broken");
    vi.spyOn(broken, "destroy").mockImplementation(() => {
      throw error;
    });
    set.add(broken);
    set.add(other);
    set.destroyAll();
    await turn();
    expect(other.destroyed).toBe(true);
    expect(uncaught).toEqual([error]);
  });
});
