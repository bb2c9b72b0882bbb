/** connection.streams(): messages in pieces, before they have ended. */
import { describe, expect, test } from "vitest";
import type { MessageStream } from "../../src/index.ts";
import { CARRIERS, carried } from "../support/carriers.ts";
import { binary, closeFrame, type OpenOptions, open, text, turn } from "../support/connection-harness.ts";
import { BINARY, CONTINUATION, decodeFrames, PING, PONG, TEXT } from "../support/frames.ts";

type Pieces = (string | Buffer)[];

/** A connection, and a loop over everything that comes in pieces. */
function looped(options: OpenOptions = {}) {
  const opened = open({ deaf: ["message"], ...options });
  const log: { type: string; pieces: Pieces; state: unknown }[] = [];
  const run = async () => {
    for await (const message of opened.connection.streams()) {
      const entry = { type: message.type as string, pieces: [] as Pieces, state: "open" as unknown };
      log.push(entry);
      for await (const piece of message) entry.pieces.push(piece);
      entry.state = "ended";
    }
    return "over";
  };
  const end = run().catch((error: { code?: string }) => error.code ?? error);
  return { ...opened, log, end };
}

const begin = (payload: string | Uint8Array, opcode = TEXT) => ({ opcode, payload, fin: false });
const middle = (payload: string | Uint8Array) => ({ opcode: CONTINUATION, payload, fin: false });
const last = (payload: string | Uint8Array) => ({ opcode: CONTINUATION, payload });

async function taken(iterator: AsyncIterator<MessageStream>): Promise<MessageStream> {
  const { value } = await iterator.next();
  return value;
}

async function allOf(message: MessageStream): Promise<Pieces> {
  const pieces: Pieces = [];
  for await (const piece of message) pieces.push(piece);
  return pieces;
}

describe("a message", () => {
  test("has a type, and its pieces come before it has ended", async () => {
    const { receive, log } = looped();
    receive(begin("one "));
    await turn();
    expect(log).toEqual([{ type: "text", pieces: ["one "], state: "open" }]);
    receive(middle("two "), last("three"));
    await turn();
    expect(log).toEqual([{ type: "text", pieces: ["one ", "two ", "three"], state: "ended" }]);
  });

  test("of a text is cut between characters and surrogate pairs, however its bytes arrive", async () => {
    const { receive, log } = looped();
    const bytes = Buffer.from("a€😀z");
    receive(begin(bytes.subarray(0, 2)));
    for (let at = 2; at < bytes.length; at++) receive(middle(bytes.subarray(at, at + 1)));
    receive(last(""));
    await turn();
    expect(log[0]?.pieces).toEqual(["a", "€", "😀", "z"]);
  });

  test("of bytes has Buffers that keep their content", async () => {
    const { receive, log } = looped();
    receive(begin(Buffer.from([1, 2]), BINARY));
    receive(last(Buffer.from([3])));
    await turn();
    expect(log).toEqual([{ type: "binary", pieces: [Buffer.from([1, 2]), Buffer.from([3])], state: "ended" }]);
  });

  test("that is empty has no pieces", async () => {
    const { receive, log } = looped();
    receive(text(""), binary(Buffer.alloc(0)));
    await turn();
    expect(log.map(({ pieces, state }) => [pieces, state])).toEqual([
      [[], "ended"],
      [[], "ended"],
    ]);
  });

  test("with invalid UTF-8 fails with 1007 as soon as the byte has arrived", async () => {
    const { receive, of, transport, end } = looped();
    receive(begin("fine"));
    receive(middle(Buffer.from([0xe2, 0x28])));
    await turn();
    expect(of("error")[0]).toMatchObject([{ code: "TEXT_NOT_UTF8", closeCode: 1007 }]);
    transport.peerEnd();
    expect(await end).toBe("TEXT_NOT_UTF8");
  });

  test("that ends inside a character fails with 1007", async () => {
    const { receive, of } = looped();
    receive(begin("a"), last(Buffer.from([0xe2, 0x82])));
    await turn();
    expect(of("error")[0]).toMatchObject([{ code: "TEXT_NOT_UTF8" }]);
  });

  test("is answered its pings between its fragments", async () => {
    const opened = looped();
    opened.receive(begin("one"), { opcode: PING, payload: "alive?" });
    await turn();
    expect(decodeFrames(opened.transport.bytes).map(({ opcode, payload }) => [opcode, String(payload)])).toEqual([
      [PONG, "alive?"],
    ]);
  });

  test("can be read once", async () => {
    const { connection, receive } = open({ deaf: ["message"] });
    receive(text("once"));
    const message = await taken(connection.streams());
    expect(await allOf(message)).toEqual(["once"]);
    expect(() => message[Symbol.asyncIterator]()).toThrow("come only once");
  });
});

describe("the limits", () => {
  test("maxPayload does not bound pieces, in one frame or in several", async () => {
    const { receive, log } = looped({ maxPayload: 10 });
    receive(text("longer than ten bytes"), begin("also "), last("longer than that"));
    await turn();
    expect(log.map(({ pieces }) => pieces.join(""))).toEqual(["longer than ten bytes", "also longer than that"]);
  });

  test("maxStreamPayload does, with 1009", async () => {
    const { receive, of } = looped({ maxStreamPayload: 10 });
    receive(begin("12345"));
    receive(last("123456"));
    await turn();
    expect(of("error")[0]).toMatchObject([{ code: "MESSAGE_TOO_BIG", closeCode: 1009 }]);
  });

  test("a slow loop stops the reading, and taking a piece lets it go on", async () => {
    const { connection, receive, transport } = open({ deaf: ["message"], maxQueuedAmount: 1000 });
    const streams = connection.streams();
    receive(begin(Buffer.alloc(600), BINARY));
    receive(middle(Buffer.alloc(600)));
    expect(transport.paused).toBe(true);
    receive(middle(Buffer.alloc(600)));
    expect(transport.holdsBack).toBe(true);
    const pieces = (await taken(streams))[Symbol.asyncIterator]();
    await pieces.next();
    await turn();
    expect(transport.holdsBack).toBe(false);
  });

  test("many short messages that nobody takes stop it as well", async () => {
    const { connection, receive, transport } = open({ deaf: ["message"], maxQueuedAmount: 1000 });
    connection.streams();
    receive(...Array.from({ length: 40 }, () => text("x")));
    expect(transport.paused).toBe(true);
  });
});

describe("a message that is abandoned", () => {
  test("by break is read past and not kept, and the next one follows", async () => {
    const { connection, receive, transport } = open({ deaf: ["message"], maxQueuedAmount: 1000 });
    const streams = connection.streams();
    receive(begin("one"));
    for await (const piece of await taken(streams)) {
      expect(piece).toBe("one");
      break;
    }
    for (let count = 0; count < 50; count++) receive(middle("x".repeat(500)));
    expect(transport.paused).toBe(false);
    receive(last("end"), text("next"));
    expect(await allOf(await taken(streams))).toEqual(["next"]);
  });

  test("by the next turn of the outer loop ends its own loop with a clear error", async () => {
    const { connection, receive } = open({ deaf: ["message"] });
    const streams = connection.streams();
    receive(begin("one"));
    const first = (await taken(streams))[Symbol.asyncIterator]();
    expect(await first.next()).toEqual({ done: false, value: "one" });
    receive(last("rest"), text("next"));
    expect(await allOf(await taken(streams))).toEqual(["next"]);
    await expect(first.next()).rejects.toThrow("this message was abandoned");
  });

  test("does not lift the bound of what the outer loop has not taken", async () => {
    const { connection, receive, transport } = open({ deaf: ["message"], maxQueuedAmount: 1000 });
    const streams = connection.streams();
    receive(begin("one"));
    for await (const _piece of await taken(streams)) break;
    receive(last("end"), binary(Buffer.alloc(600)), binary(Buffer.alloc(600)));
    expect(transport.paused).toBe(true);
  });
});

describe("behind the outer loop", () => {
  test("messages come as a whole again, those included that have arrived in pieces", async () => {
    const { connection, receive, of } = open();
    const streams = connection.streams();
    receive(text("taken"), text("left"), begin("begun "));
    await allOf(await taken(streams));
    await streams.return?.();
    await turn();
    expect(of("message")).toEqual([["left"]]);
    receive(last("and ended"), begin("who"), last("le"));
    await turn();
    expect(of("message")).toEqual([["left"], ["begun and ended"], ["whole"]]);
  });

  test("the rest of the message that it has taken is read past", async () => {
    const { connection, receive, of } = open();
    const streams = connection.streams();
    receive(begin("one"));
    for await (const message of streams) {
      expect(message.type).toBe("text");
      break;
    }
    receive(middle("lost"), last("lost"), text("whole"));
    await turn();
    expect(of("message")).toEqual([["whole"]]);
  });

  test("a message that has begun and becomes longer than maxPayload fails with 1009", async () => {
    const { connection, receive, of } = open({ maxPayload: 10 });
    const streams = connection.streams();
    receive(begin("12345"));
    await streams.return?.();
    receive(last("123456"));
    expect(of("error")[0]).toMatchObject([{ code: "MESSAGE_TOO_BIG" }]);
  });

  test("a message that has ended and is longer than maxPayload fails with 1009, and none behind it comes", async () => {
    const { connection, receive, of } = open({ maxPayload: 10, deaf: ["message"] });
    const streams = connection.streams();
    receive(text("short"), begin("123456"), last("789€"), text("behind it"), begin("begun"));
    await streams.return?.();
    receive(last(" and ended"));
    const messages: unknown[] = [];
    connection.on("message", (message) => messages.push(message));
    await turn();
    expect(messages).toEqual(["short"]);
    expect(of("error")).toMatchObject([[{ code: "MESSAGE_TOO_BIG", closeCode: 1009 }]]);
  });

  test("another loop can begin, also while a message is still being read past", async () => {
    const { connection, receive } = open({ deaf: ["message"] });
    const first = connection.streams();
    receive(begin("one"));
    await taken(first);
    await first.return?.();
    const second = connection.streams();
    receive(last("rest"), text("two"));
    expect(await allOf(await taken(second))).toEqual(["two"]);
  });
});

describe("when the loop begins", () => {
  test("messages that had arrived as a whole come first, as one piece each", async () => {
    const { connection, receive } = open({ deaf: ["message"] });
    receive(text("waited"), begin("half "));
    const streams = connection.streams();
    receive(middle("and "), last("half"), begin("pieces "), last("now"));
    const messages: Pieces[] = [];
    for (let count = 0; count < 3; count++) messages.push(await allOf(await taken(streams)));
    expect(messages).toEqual([["waited"], ["half and half"], ["pieces ", "now"]]);
  });

  test("within a message listener, the rest of the chunk comes in pieces", async () => {
    const opened = open();
    const { connection, receive, of } = opened;
    const got: Pieces[] = [];
    connection.once("message", () => {
      void (async () => {
        for await (const message of connection.streams()) got.push(await allOf(message));
      })().catch(() => {});
    });
    receive(text("first"), begin("a"), last("b"), text("c"));
    await turn();
    expect([of("message"), got]).toEqual([[["first"]], [["a", "b"], ["c"]]]);
  });

  test("a second one, or another consumer, is refused with a clear error", async () => {
    const { connection } = open();
    const streams = connection.streams();
    expect(() => connection.streams()).toThrow("are being iterated already");
    expect(() => connection[Symbol.asyncIterator]()).toThrow("are being iterated already");
    await streams.return?.();
    expect(() => connection[Symbol.asyncIterator]()).not.toThrow();
  });
});

describe.each(CARRIERS)("at the end of %s", (carrier) => {
  async function streaming() {
    const made = await carried(carrier);
    const streams = made.connection.streams();
    return { ...made, streams };
  }

  test("a Close frame between two messages ends the outer loop", async () => {
    const { send, peer, streams } = await streaming();
    send(begin("a"), last("b"), closeFrame(1000));
    peer.socket.end();
    const got: string[] = [];
    for await (const message of streams) got.push((await allOf(message)).join(""));
    expect(got).toEqual(["ab"]);
  });

  test("a connection that is cut off inside a message makes its loop throw, and then the outer one", async () => {
    const { send, peer, streams } = await streaming();
    send(begin("a"));
    const message = await taken(streams);
    peer.socket.end();
    await expect(allOf(message)).rejects.toMatchObject({ name: "ConnectionError", code: "CUT_OFF" });
    await expect(streams.next()).rejects.toMatchObject({ code: "CUT_OFF" });
  });

  test("a Close frame inside a message makes its loop throw, and ends the outer one", async () => {
    const { send, peer, streams } = await streaming();
    send(begin("a"), closeFrame(1000));
    peer.socket.end();
    const message = await taken(streams);
    await expect(allOf(message)).rejects.toMatchObject({ name: "ConnectionError", code: "MESSAGE_UNFINISHED" });
    expect((await streams.next()).done).toBe(true);
  });

  test("terminate() inside a message makes its loop throw, and ends the outer one", async () => {
    const { send, connection, streams } = await streaming();
    send(begin("a"));
    const message = await taken(streams);
    connection.terminate();
    await expect(allOf(message)).rejects.toMatchObject({ code: "TERMINATED" });
    expect((await streams.next()).done).toBe(true);
  });
});
