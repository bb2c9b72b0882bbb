/** `send()`, `bufferedAmount` and `close()` of the WHATWG WebSockets standard, over real sockets. */
import { describe, expect, it, test } from "vitest";
import { MessageSender, type SendingEndpoint } from "../../src/websocket/message-sender.ts";
import { domException } from "../support/dom-exception.ts";
import { closed, script, serve } from "../support/servers.ts";
import { connecting, eventLog, type LooseSocket, loose, nextEvent, opened, pair } from "../support/web-sockets.ts";

describe("send()", () => {
  const CONNECTING = domException("InvalidStateError", /still connecting/);

  test("step 1: throws an InvalidStateError while the socket is connecting", async () => {
    const { url } = await serve();
    const socket = connecting(url);
    expect(() => socket.send("x")).toThrow(CONNECTING);
    expect(socket.bufferedAmount).toBe(0);
    await nextEvent(socket, "open");
  });

  test("the conversion of the argument comes before step 1", async () => {
    const { url } = await serve();
    const socket = loose(connecting(url));
    expect(() => socket.send()).toThrow(/WebSocket.send needs at least 1 argument/);
    expect(() => socket.send(Symbol("s"))).toThrow(TypeError);
    expect(() => socket.send(5)).toThrow(CONNECTING);
  });

  /** What arrives at the server of what is sent, until "end". */
  async function arriving(send: (socket: LooseSocket) => void): Promise<(string | number[])[]> {
    const { socket, peer } = await pair();
    send(loose(socket));
    socket.send("end");
    const all: (string | number[])[] = [];
    for await (const data of peer) {
      if (data === "end") break;
      all.push(typeof data === "string" ? data : [...data]);
    }
    return all;
  }

  test("step 2: a string goes as text, with U+FFFD for lone surrogates", async () => {
    expect(await arriving((socket) => socket.send("hé\ud800"))).toEqual(["hé\ufffd"]);
  });

  test("step 2: a Blob goes as binary", async () => {
    expect(await arriving((socket) => socket.send(new Blob(["ab"])))).toEqual([[97, 98]]);
  });

  test("step 2: an ArrayBuffer goes as binary, and a view only with its own part", async () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    const all = await arriving((socket) => {
      socket.send(buffer);
      socket.send(new DataView(buffer, 1, 2));
      socket.send(new Uint16Array(buffer, 2));
    });
    expect(all).toEqual([
      [1, 2, 3, 4],
      [2, 3],
      [3, 4],
    ]);
  });

  test("step 2: anything else goes as text", async () => {
    const all = await arriving((socket) => {
      for (const value of [null, undefined, 5, { toString: () => "own" }, [1, 2]]) socket.send(value);
    });
    expect(all).toEqual(["null", "undefined", "5", "own", "1,2"]);
  });

  it("copies bytes: changing them afterwards changes nothing, behind a Blob as well", async () => {
    const all = await arriving((socket) => {
      for (const blob of [[], [new Blob(["x"])]]) {
        for (const each of blob) socket.send(each);
        const bytes = new Uint8Array([1]);
        socket.send(bytes);
        bytes[0] = 2;
      }
    });
    expect(all).toEqual([[1], [120], [1]]);
  });

  it("keeps its order while Blobs are read", async () => {
    const all = await arriving((socket) => {
      socket.send("1");
      socket.send(new Blob(["2"]));
      socket.send("3");
      socket.send(new Blob(["4"]));
      socket.send(new Uint8Array([5]));
    });
    expect(all).toEqual(["1", [50], "3", [52], [5]]);
  });

  it("fails the connection with 1011 if a Blob cannot be read", async () => {
    const { socket, peer } = await pair();
    const blob = new Blob(["x"]);
    blob.arrayBuffer = () => Promise.reject(new Error("the file has changed"));
    const ended = closed(peer);
    socket.send(blob);
    socket.send("never sent");
    const { error } = await nextEvent(socket, "error");
    expect(error).toMatchObject({ code: "BLOB_UNREADABLE", cause: { message: "the file has changed" } });
    expect((await ended)[0]).toBe(1011);
  });
});

describe("bufferedAmount", () => {
  it("counts the bytes of messages that were sent in the current turn, without the headers of frames", async () => {
    const { socket } = await pair();
    socket.send("hé");
    socket.send(new Uint8Array(100_000));
    socket.send(new Blob(["four"]));
    expect(socket.bufferedAmount).toBe(3 + 100_000 + 4);
    await Promise.resolve();
    expect(socket.bufferedAmount).toBe(3 + 100_000 + 4);
  });

  it.each([true, false])("goes back to 0 once everything has left (compression: %s)", async (perMessageDeflate) => {
    const { socket, peer } = await pair({ perMessageDeflate });
    socket.send("text ".repeat(20));
    socket.send(new Uint8Array(2_000_000));
    socket.send(new Blob(["end"]));
    for await (const data of peer) {
      if (data.length === 3) break;
    }
    expect(socket.bufferedAmount).toBe(0);
  });

  it("counts what a peer that does not read leaves unsent, and no less after the end", async () => {
    const { socket, peer } = await pair({ perMessageDeflate: false });
    peer.pause();
    for (let count = 0; count < 20; count++) socket.send(new Uint8Array(1 << 20));
    await new Promise(setImmediate);
    const waiting = socket.bufferedAmount;
    expect(waiting).toBeGreaterThan(1 << 20);
    expect(waiting).toBeLessThanOrEqual(20 << 20);
    peer.terminate();
    await nextEvent(socket, "close");
    expect(socket.bufferedAmount).toBe(waiting);
  });

  it("grows by each message that is sent after close(), and is not reset by the close event", async () => {
    const { socket } = await pair();
    socket.close();
    socket.send("hé");
    expect(socket.bufferedAmount).toBe(3);
    await nextEvent(socket, "close");
    socket.send(new Uint8Array(5));
    socket.send(new Blob(["four"]));
    expect(socket.bufferedAmount).toBe(12);
  });

  it("has no bound unless one is given; past that, the socket is flagged as full and closed", async () => {
    const { server, url } = await serve();
    server.on("connection", (connection) => connection.pause());
    const socket = await opened(url, { maxBufferedAmount: 1 << 20, perMessageDeflate: false });
    const log = eventLog(socket);
    for (let count = 0; count < 20; count++) socket.send(new Uint8Array(1 << 20));
    expect(socket.bufferedAmount).toBe(20 << 20);
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });
});

describe("close()", () => {
  test("step 1: a code other than 1000 and 3000 to 4999 throws an InvalidAccessError, and nothing is closed", async () => {
    const { socket } = await pair();
    for (const code of [0, 999, 1001, 1005, 2999, 5000, null, Number.NaN, "x"]) {
      expect(() => loose(socket).close(code), String(code)).toThrow(domException("InvalidAccessError", /close code/));
    }
    expect(() => loose(socket).close(10n)).toThrow(TypeError);
    expect(socket.readyState).toBe(1);
  });

  test("step 2: a reason of more than 123 bytes throws a SyntaxError, and nothing is closed", async () => {
    const { socket } = await pair();
    expect(() => socket.close(1000, "é".repeat(62))).toThrow(domException("SyntaxError", /124 bytes/));
    expect(socket.readyState).toBe(1);
  });

  test("step 3: does nothing while the socket is closing or closed", async () => {
    const { socket, peer } = await pair();
    const ended = closed(peer);
    const event = nextEvent(socket, "close");
    socket.close(3001, "first");
    socket.close(3002, "second");
    expect(await ended).toEqual([3001, "first"]);
    expect(await event).toMatchObject({ code: 3001, reason: "first" });
    socket.close(3003, "third");
    expect(socket.readyState).toBe(3);
  });

  test("step 3: fails a connection that is not established, and its events come later", async () => {
    const { url } = await script(() => {});
    const socket = connecting(url);
    const log = eventLog(socket);
    socket.close(3000, "not sent");
    expect([socket.readyState, log]).toEqual([2, []]);
    const { error } = await nextEvent(socket, "error");
    expect(error).toMatchObject({ code: "ABORTED", message: expect.stringContaining("close() was called") });
    expect(socket.readyState).toBe(3);
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });

  test("step 3: fails a connection before its socket is even open", async () => {
    const { url } = await serve();
    const socket = connecting(url);
    const log = eventLog(socket);
    socket.close();
    await nextEvent(socket, "close");
    expect(log).toEqual(["error", 'close 1006 "" unclean']);
  });

  test.each<[string, unknown[], [number, string]]>([
    ["no body without a code", [], [1005, ""]],
    ["no body for arguments that are undefined", [undefined, undefined], [1005, ""]],
    ["the code", [3000], [3000, ""]],
    ["the code after [Clamp]", ["1000.4"], [1000, ""]],
    ["the code and the reason", [4999, "bye ✓"], [4999, "bye ✓"]],
    ["a reason with U+FFFD for lone surrogates", [1000, "a\ud800"], [1000, "a\ufffd"]],
    ["the code 1000 for a reason alone", [undefined, "bye"], [1000, "bye"]],
  ])("step 3: the Close frame has %s", async (_, given, expected) => {
    const { socket, peer } = await pair();
    const ended = closed(peer);
    const event = nextEvent(socket, "close");
    loose(socket).close(...given);
    expect(socket.readyState).toBe(2);
    expect(await ended).toEqual(expected);
    const [code, reason] = expected;
    expect(await event).toMatchObject({ code, reason, wasClean: true });
  });

  test("what was sent before still arrives, Blobs included", async () => {
    const { socket, peer } = await pair();
    const all: unknown[] = [];
    peer.on("message", (data) => all.push(data.toString()));
    const ended = closed(peer);
    socket.send("text");
    socket.send(new Blob(["blob"]));
    socket.send("last");
    socket.close(3000);
    expect(socket.readyState).toBe(2);
    expect(await ended).toEqual([3000, ""]);
    expect(all).toEqual(["text", "blob", "last"]);
  });
});

describe("a sender without a connection", () => {
  it("counts what is sent, also after the end", () => {
    const sender = new MessageSender();
    sender.send("hé", false);
    expect(sender.bufferedAmount).toBe(3);
    sender.end(false);
    sender.send(new Uint8Array(2), true);
    expect([sender.bufferedAmount, sender.isIdle]).toEqual([5, true]);
  });

  it("sends nothing of a Blob that is read when the connection ends", async () => {
    const sent: unknown[] = [];
    const endpoint = { phase: "open", sentBytes: 0, bufferedAmount: 0, sendBytes: () => sent.push("bytes") };
    const sender = new MessageSender();
    sender.start(endpoint as unknown as SendingEndpoint);
    sender.send(new Blob(["x"]), true);
    sender.end(false);
    await new Promise(setImmediate);
    expect([sent, sender.bufferedAmount]).toEqual([[], 1]);
  });
});
