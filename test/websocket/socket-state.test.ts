/** "Feedback from the protocol" in the WHATWG WebSockets standard, over real sockets. */
import { once } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { CloseEvent, type Connection, WebSocket } from "../../src/index.ts";
import { closed, script, serve, switching } from "../support/servers.ts";
import { watchUncaught } from "../support/uncaught.ts";
import { connecting, eventLog, nextEvent, opened, pair } from "../support/web-sockets.ts";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** A frame of a server with at most 125 bytes. */
const serverFrame = (opcode: number, payload: string | readonly number[] = "") => {
  const bytes = Buffer.from(payload as string);
  return Buffer.from([0x80 | opcode, bytes.length, ...bytes]);
};
const text = (payload: string) => serverFrame(1, payload);
const closeFrame = (code: number, reason = "") => serverFrame(8, [code >> 8, code & 255, ...Buffer.from(reason)]);

/** A server that answers the handshake, sends all of this in the same write, and ends when the client sends something. */
async function answering(...frames: readonly Uint8Array[]): Promise<string> {
  const { url } = await script(async (peer) => {
    const head = switching(await peer.head());
    peer.send(Buffer.concat([Buffer.from(head, "latin1"), ...frames]));
    await peer.until("a Close frame", () => peer.received.length > 0);
    peer.socket.end();
  });
  return url;
}

describe("when the connection is established", () => {
  test("steps 1 to 3: ready state, extensions and protocol are set before the open event, and not earlier", async () => {
    const { url } = await serve({ protocols: ["chat"], perMessageDeflate: true });
    const socket = connecting(url, ["chat"]);
    const seen: unknown[] = [];
    socket.onopen = () => seen.push([socket.readyState, socket.extensions, socket.protocol]);
    seen.push([socket.readyState, socket.extensions, socket.protocol]);
    await nextEvent(socket, "open");
    expect(seen).toEqual([
      [0, "", ""],
      [1, "permessage-deflate", "chat"],
    ]);
  });

  test("step 4: a plain open event is fired, in a task of its own", async () => {
    const { url } = await serve();
    const event = await nextEvent(connecting(url), "open");
    expect(Object.getPrototypeOf(event)).toBe(Event.prototype);
    expect([event.bubbles, event.cancelable, event.isTrusted]).toEqual([false, false, true]);
  });

  test("messages that came with the handshake are not lost: they follow the open event", async () => {
    const socket = connecting(await answering(text("a"), text("b"), closeFrame(3000, "done")));
    const log: string[] = [];
    socket.onopen = () => {
      log.push("open");
      socket.onmessage = ({ data }) => log.push(data);
      socket.onclose = ({ code }) => log.push(String(code));
    };
    await nextEvent(socket, "close");
    expect(log).toEqual(["open", "a", "b", "3000"]);
  });

  test("there is no open event if close() was called first, and the state stays CLOSING", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const socket = connecting(url);
    const log = eventLog(socket);
    await connected;
    socket.close();
    await nextEvent(socket, "close");
    expect(log.filter((line) => line === "open")).toEqual([]);
  });
});

describe("when a message has been received", () => {
  test("step 1: it is dropped unless the ready state is OPEN when its task runs", async () => {
    const socket = connecting(await answering(text("a"), text("b")));
    const log: string[] = [];
    socket.onmessage = ({ data }) => {
      log.push(data);
      socket.close();
    };
    await nextEvent(socket, "message");
    await turn();
    await turn();
    expect([log, socket.readyState]).toEqual([["a"], 2]);
  });

  test("step 2: the binary type is that of the moment in which the task runs", async () => {
    const bytes = serverFrame(2, [1, 2]);
    const socket = connecting(await answering(bytes, bytes, bytes, closeFrame(1000)));
    const kinds: string[] = [];
    socket.onmessage = ({ data }) => {
      kinds.push(data.constructor.name);
      socket.binaryType = socket.binaryType === "blob" ? "arraybuffer" : "blob";
    };
    await nextEvent(socket, "close");
    expect(kinds).toEqual(["Blob", "ArrayBuffer", "Blob"]);
  });

  test.each([
    ["short", 3],
    ["long", 100_000],
  ])("step 2: a %s binary message is a new ArrayBuffer with its bytes and nothing else", async (_, length) => {
    const { socket, peer } = await pair();
    socket.binaryType = "arraybuffer";
    const bytes = Buffer.from(Uint8Array.from({ length }, (_value, index) => index));
    const all: ArrayBuffer[] = [];
    const second = new Promise<void>((resolve) => {
      socket.onmessage = ({ data }) => all.push(data) === 2 && resolve();
    });
    peer.send(bytes);
    peer.send(bytes);
    await second;
    expect(all.map((each) => Buffer.from(each).equals(bytes))).toEqual([true, true]);
    expect(all[0]).not.toBe(all[1]);
  });

  test("step 3: a message event has the origin of the URL, and the data", async () => {
    const { socket, peer } = await pair();
    const received = nextEvent(socket, "message");
    peer.send("hello");
    const event = await received;
    expect([event.data, event.origin, event.target]).toEqual(["hello", new URL(socket.url).origin, socket]);
  });

  test("each message has a task of its own: promises of one listener end before the next message", async () => {
    const socket = connecting(await answering(text("a"), text("b"), closeFrame(1000)));
    const log: string[] = [];
    socket.onmessage = async ({ data }) => {
      log.push(data);
      for (let step = 0; step < 3; step++) {
        await null;
        log.push(`${data} ${step}`);
      }
    };
    await nextEvent(socket, "close");
    expect(log).toEqual(["a", "a 0", "a 1", "a 2", "b", "b 0", "b 1", "b 2"]);
  });

  test("what is sent in answer to several messages leaves in one write", async () => {
    const chunks: number[] = [];
    const { url } = await script(async (peer) => {
      peer.send(Buffer.concat([Buffer.from(switching(await peer.head()), "latin1"), ...Array(50).fill(text("x"))]));
      peer.socket.on("data", (chunk: Buffer) => chunks.push(chunk.length));
      await peer.until("50 answers", () => peer.received.length >= 50 * 7);
      peer.socket.destroy();
    });
    const socket = connecting(url, { perMessageDeflate: false });
    socket.onmessage = () => socket.send("y");
    await nextEvent(socket, "close");
    expect(chunks).toEqual([350]);
  });

  test("an exception of a listener is reported as uncaught, and the other listeners and messages follow", async () => {
    const uncaught = watchUncaught();
    const socket = connecting(await answering(text("a"), text("b"), closeFrame(1000)));
    const error = new Error("thrown by a listener");
    socket.onmessage = () => {
      throw error;
    };
    const log = eventLog(socket);
    await nextEvent(socket, "close");
    await turn();
    expect(uncaught).toEqual([error, error]);
    expect(log).toEqual(["open", "message a", "message b", 'close 1000 "" clean']);
  });

  test("reading stops while more than maxQueuedAmount waits for its tasks, and goes on after them", async () => {
    const { server, url } = await serve({ perMessageDeflate: { threshold: 0 }, maxBufferedAmount: 64 << 20 });
    server.on("connection", (connection) => {
      for (let count = 0; count < 2000; count++) connection.send(`${count}`.padEnd(4096));
      connection.close();
    });
    const [pause, resume] = [vi.spyOn(Endpoint.prototype, "pause"), vi.spyOn(Endpoint.prototype, "resume")];
    onTestFinished(() => {
      vi.restoreAllMocks();
    });
    const socket = connecting(url, { maxQueuedAmount: 64 << 10 });
    const all: number[] = [];
    socket.onmessage = ({ data }) => all.push(Number(data));
    expect((await nextEvent(socket, "close")).code).toBe(1005);
    expect(all).toEqual(Array.from({ length: 2000 }, (_, index) => index));
    expect(pause.mock.calls.length).toBeGreaterThan(0);
    expect(resume.mock.calls.length).toBe(pause.mock.calls.length);
  });
});

describe("when the closing handshake is started by the server", () => {
  test("the ready state is CLOSING, after the messages that came before", async () => {
    const frames = [text("a"), closeFrame(3000)];
    const socket = connecting(await answering(...frames));
    const seen: number[] = [];
    socket.onmessage = () => seen.push(socket.readyState);
    await nextEvent(socket, "message");
    await turn();
    seen.push(socket.readyState);
    await nextEvent(socket, "close");
    seen.push(socket.readyState);
    expect(seen).toEqual([1, 2, 3]);
  });
});

describe("when the connection is closed", () => {
  test("steps 1 and 3: the ready state is CLOSED when the close event is fired, with code, reason and wasClean", async () => {
    const { socket, peer } = await pair();
    const log = eventLog(socket);
    const event = nextEvent(socket, "close");
    peer.close(4000, "bye ✓");
    expect(await event).toBeInstanceOf(CloseEvent);
    expect(socket.readyState).toBe(3);
    expect(log).toEqual(['close 4000 "bye ✓" clean']);
  });

  test("step 3: the code is 1005 for a Close frame without one", async () => {
    const { socket, peer } = await pair();
    const log = eventLog(socket);
    peer.close();
    await nextEvent(socket, "close");
    expect(log).toEqual(['close 1005 "" clean']);
  });

  test("step 2: a plain error event comes first if the peer has broken a rule, with the reason for people", async () => {
    const socket = connecting(await answering(serverFrame(3)));
    const log = eventLog(socket);
    const event = await nextEvent(socket, "error");
    expect(Object.getPrototypeOf(event)).toBe(Event.prototype);
    expect(event.error).toMatchObject({ name: "ConnectionError", code: "RESERVED_OPCODE" });
    expect(socket.readyState).toBe(3);
    await nextEvent(socket, "close");
    expect(log).toEqual(["open", "error", 'close 1006 "" unclean']);
  });

  test("step 2: an error event comes first if the transport is lost (RFC 6455 section 7.2.1)", async () => {
    const { socket, peer } = await pair();
    const log = eventLog(socket);
    peer.terminate();
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });

  test("step 2: an error event comes first if the connection could not be opened, never within the constructor", async () => {
    const { server, url } = await serve();
    await server.close();
    const socket = connecting(url);
    const log = eventLog(socket);
    expect(log).toEqual([]);
    const { error } = await nextEvent(socket, "error");
    expect(error).toMatchObject({ name: "ConnectError", code: "CONNECTION_REFUSED" });
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });

  test("step 2: an aborted signal fails the socket in a later task as well", async () => {
    const socket = connecting("ws://127.0.0.1:1/", { signal: AbortSignal.abort() });
    const log = eventLog(socket);
    expect([socket.readyState, log]).toEqual([0, []]);
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });

  test("step 2: there is no error event if the peer only does not answer our Close frame in time", async () => {
    const { url } = await script(async (peer) => peer.send(switching(await peer.head())));
    const socket = await opened(url, { closeTimeout: 1 });
    const log = eventLog(socket);
    socket.close(3000);
    await nextEvent(socket, "close");
    expect(log).toEqual(['close 1006 "" unclean']);
  });

  test("promises of an error listener end before the close event", async () => {
    const socket = connecting("ws://127.0.0.1:1/", { signal: AbortSignal.abort() });
    const log: string[] = [];
    socket.onerror = async () => {
      await null;
      await null;
      log.push("after the error");
    };
    socket.onclose = () => log.push("close");
    await nextEvent(socket, "close");
    expect(log).toEqual(["after the error", "close"]);
  });

  test("the messages before the end come first, also those that are inflated asynchronously", async () => {
    const { server, url } = await serve({ perMessageDeflate: { threshold: 0 } });
    server.on("connection", (connection) => {
      connection.send("x".repeat(2 << 20));
      connection.send("last");
      connection.close(3000);
    });
    const socket = connecting(url);
    const log: (string | number)[] = [];
    socket.onmessage = ({ data }) => log.push(data.length);
    socket.onclose = ({ code }) => log.push(`closed with ${code}`);
    await nextEvent(socket, "close");
    expect(log).toEqual([2 << 20, 4, "closed with 3000"]);
  });

  test("no event is fired within a call of close() or send(), whatever was called before", async () => {
    const { socket, peer } = await pair();
    const log = eventLog(socket);
    const [ended, event] = [closed(peer), nextEvent(socket, "close")];
    socket.send("x");
    socket.close();
    socket.send("y");
    expect(log).toEqual([]);
    await Promise.all([ended, event]);
    expect(log).toEqual(['close 1005 "" clean']);
  });
});

test("an open socket keeps the process alive, and a closed one does not", async () => {
  const { socket, peer } = await pair();
  const active = () => process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
  const open = active();
  const event = nextEvent(socket, "close");
  peer.close();
  await event;
  await turn();
  expect(active()).toBeLessThan(open);
  expect(socket).toBeInstanceOf(WebSocket);
});
