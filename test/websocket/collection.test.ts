/** The WHATWG WebSockets standard, section "Garbage collection". */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { type Connection, WebSocket } from "../../src/index.ts";
import { isAudible } from "../../src/websocket/collection.ts";
import { ReadyState } from "../../src/websocket/ready-state.ts";
import { collectGarbage } from "../support/memory.ts";
import { closed, script, serve, switching } from "../support/servers.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Collects garbage in each turn until the condition holds. */
async function collectUntil(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await turn();
    collectGarbage();
  }
}

/** Collects garbage in several turns. */
async function collectOften(): Promise<void> {
  for (let times = 0; times < 5; times++) {
    await turn();
    collectGarbage();
  }
}

describe("whether a socket may be collected", () => {
  const { CONNECTING, OPEN, CLOSING, CLOSED } = ReadyState;
  it.each<[ReadyState, readonly string[]]>([
    [CONNECTING, ["open", "message", "error", "close"]],
    [OPEN, ["message", "error", "close"]],
    [CLOSING, ["error", "close"]],
    [CLOSED, []],
  ])("is decided in ready state %d by the listeners for %j", (readyState, types) => {
    for (const type of ["open", "message", "error", "close", "other"]) {
      const target = new EventTarget();
      expect(isAudible(target, readyState)).toBe(false);
      target.addEventListener(type, () => {});
      expect(isAudible(target, readyState), type).toBe(types.includes(type));
    }
  });

  it("is denied if the application's class has a method that hides the listeners from node", () => {
    class Own extends EventTarget {
      listeners(): void {}
    }
    expect(isAudible(new Own(), OPEN)).toBe(true);
  });
});

/** A server, and an open socket to it that nobody but the engine knows. `prepare` may add listeners. */
async function forgotten(
  prepare: (socket: WebSocket) => void,
): Promise<{ weak: WeakRef<WebSocket>; peer: Connection }> {
  const { server, url } = await serve();
  const connected = once(server, "connection") as Promise<[Connection]>;
  const weak = await new Promise<WeakRef<WebSocket>>((resolve) => {
    const socket = new WebSocket(url);
    const held = new WeakRef(socket);
    const onOpen = () => resolve(held);
    socket.addEventListener("open", onOpen, { once: true });
    prepare(socket);
  });
  const [peer] = await connected;
  return { weak, peer };
}

describe("a socket that nobody can hear any more", () => {
  it("is collected while it is open, and starts the closing handshake without a status code", async () => {
    const { weak, peer } = await forgotten(() => {});
    const ended = closed(peer);
    await collectUntil(() => weak.deref() === undefined && peer.readyState !== 1);
    expect(await ended).toEqual([1005, ""]);
  });

  it("is collected after its last listener was removed", async () => {
    const nothing = () => {};
    const { weak, peer } = await forgotten((socket) => {
      socket.onmessage = nothing;
      socket.addEventListener("close", nothing);
      socket.addEventListener("open", () => {
        socket.onmessage = null;
        socket.removeEventListener("close", nothing);
      });
    });
    const ended = closed(peer);
    await collectUntil(() => weak.deref() === undefined && peer.readyState !== 1);
    expect(await ended).toEqual([1005, ""]);
  });

  it("is collected after a listener was called that was to be called once", async () => {
    const { weak, peer } = await forgotten((socket) => {
      socket.addEventListener("message", () => {}, { once: true });
    });
    const ended = closed(peer);
    peer.send("once");
    await collectUntil(() => weak.deref() === undefined && peer.readyState !== 1);
    expect(await ended).toEqual([1005, ""]);
  });

  it("is collected after the signal of its only listener was aborted", async () => {
    const controller = new AbortController();
    const { weak, peer } = await forgotten((socket) => {
      socket.addEventListener("message", () => {}, { signal: controller.signal });
    });
    controller.abort();
    const ended = closed(peer);
    await collectUntil(() => weak.deref() === undefined && peer.readyState !== 1);
    expect(await ended).toEqual([1005, ""]);
  });

  it("is collected while it connects, and the connection is closed as soon as it is established", async () => {
    let answer: (() => void) | null = null;
    const serving = await script(async (peer) => {
      const request = await peer.head();
      answer = () => peer.send(switching(request));
    });
    const weak = (() => new WeakRef(new WebSocket(serving.url)))();
    await collectUntil(() => weak.deref() === undefined && answer !== null);
    await collectOften();
    (answer as unknown as () => void)();
    const frame = await serving.peers[0]?.frame();
    expect([frame?.opcode, frame?.payload.length]).toEqual([8, 0]);
  });

  it("is collected once it is closed, whatever listens", async () => {
    const { weak, peer } = await forgotten((socket) => {
      socket.onmessage = () => {};
      socket.onclose = () => {};
    });
    peer.close();
    await closed(peer);
    await collectUntil(() => weak.deref() === undefined);
    expect(weak.deref()).toBeUndefined();
  });
});

describe("a socket that somebody can still hear", () => {
  it("is not collected while it is open: a message reaches its listener", async () => {
    const messages: unknown[] = [];
    let resolve = () => {};
    const received = new Promise<void>((done) => {
      resolve = done;
    });
    const { weak, peer } = await forgotten((socket) => {
      socket.onmessage = ({ data }) => {
        messages.push(data);
        resolve();
      };
    });
    await collectOften();
    peer.send("still there");
    await received;
    expect(messages).toEqual(["still there"]);
    expect(weak.deref()).toBeInstanceOf(WebSocket);
    peer.terminate();
  });

  it("is not collected while it connects: its open event reaches its listener", async () => {
    let answer: (() => void) | null = null;
    const serving = await script(async (peer) => {
      const request = await peer.head();
      answer = () => peer.send(switching(request));
    });
    const isOpen = new Promise<number>((resolve) => {
      new WebSocket(serving.url).onopen = ({ target }) => {
        resolve((target as WebSocket).readyState);
        (target as WebSocket).close();
      };
    });
    await collectUntil(() => answer !== null);
    await collectOften();
    (answer as unknown as () => void)();
    expect(await isOpen).toBe(1);
  });

  it("is not collected while it closes: its close event reaches its listener", async () => {
    const serving = await script(async (peer) => peer.send(switching(await peer.head())));
    const code = new Promise<number>((resolve) => {
      const socket = new WebSocket(serving.url);
      socket.onopen = () => socket.close(3000);
      socket.onclose = (event) => resolve(event.code);
    });
    await collectUntil(() => serving.peers.length === 1);
    const [peer] = serving.peers;
    const frame = await peer?.frame();
    await collectOften();
    expect(frame?.opcode).toBe(8);
    peer?.send(new Uint8Array([0x88, 2, 0x0b, 0xb8]));
    peer?.socket.end();
    expect(await code).toBe(3000);
  });

  it("is not collected while data waits to be sent, and all of it arrives before the Close frame", async () => {
    const { weak, peer } = await forgotten((socket) => {
      const sendAll = () => {
        for (let count = 0; count < 3; count++) socket.send(new Uint8Array(10 << 20));
      };
      socket.addEventListener("open", sendAll, { once: true });
    });
    peer.pause();
    await collectOften();
    expect(weak.deref()).toBeInstanceOf(WebSocket);
    const lengths: number[] = [];
    const allReceived = new Promise<void>((resolve) => {
      peer.on("message", (data) => lengths.push(data.length) === 3 && resolve());
    });
    const ended = closed(peer);
    peer.resume();
    await allReceived;
    await collectUntil(() => weak.deref() === undefined && peer.readyState !== 1);
    expect([await ended, lengths]).toEqual([
      [1005, ""],
      [10 << 20, 10 << 20, 10 << 20],
    ]);
  });
});
