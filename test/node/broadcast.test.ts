/** One message to all of a server's connections, over real sockets, to clients of `ws` and to such that do not read. */
import { once } from "node:events";
import { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import type { RawData, WebSocket } from "ws";
import { type Connection, PreparedMessage, prepare, WebSocketServer } from "../../src/index.ts";
import { noise, wordy } from "../extensions/permessage-deflate/codecs.ts";
import { wsClient, wsData } from "../interop/ws-peers.ts";
import { digest } from "../support/digest.ts";
import { closed, serve } from "../support/servers.ts";

type Data = string | Buffer;

/** A client that keeps what it receives, with the server's connection to it. */
interface Member {
  readonly client: WebSocket;
  readonly connection: Connection;
  readonly received: Data[];
}

async function join(server: WebSocketServer, url: string, options: object = {}): Promise<Member> {
  const connected = once(server, "connection") as Promise<[Connection]>;
  const client = await wsClient(url, [], options);
  const received: Data[] = [];
  client.on("message", (data: RawData, isBinary: boolean) => received.push(wsData(data, isBinary)));
  return { client, connection: (await connected)[0], received };
}

/** When a client has received so many messages. */
async function has({ client, received }: Member, count: number): Promise<Data[]> {
  while (received.length < count) await once(client, "message");
  return received;
}

/** What zlib makes of the message is another's business: here all clients differ in what they have agreed on. */
const CLIENTS = {
  "no compression": { perMessageDeflate: false },
  "context takeover": { perMessageDeflate: true },
  "no context takeover": { perMessageDeflate: { serverNoContextTakeover: true } },
  "a small window": { perMessageDeflate: { serverMaxWindowBits: 9 } },
};

describe("server.broadcast()", () => {
  it("a broadcast reaches all kinds of clients with all kinds of messages, in order with their own messages", async () => {
    const { server, url } = await serve({ perMessageDeflate: { threshold: 100 } });
    const members: Member[] = [];
    for (const options of Object.values(CLIENTS)) {
      members.push(await join(server, url, options), await join(server, url, options));
    }
    const all = ["short", wordy(900).toString(), wordy(30_000, 2), noise(5000), wordy(300_000, 3), "", Buffer.alloc(0)];
    const own = wordy(900).toString();
    for (const data of all) {
      for (const { connection } of members) connection.send(own);
      server.broadcast(data);
      server.broadcast(prepare(data, { compress: false }));
    }
    const expected = all.flatMap((data) => [own, data, data]).map(digest);
    for (const member of members) expect((await has(member, expected.length)).map(digest)).toEqual(expected);
  });

  it("a broadcast leaves out the connections in except: one, some, or none", async () => {
    const { server, url } = await serve();
    const members: Member[] = [];
    for (let count = 0; count < 3; count++) members.push(await join(server, url));
    const [a, b] = members.map(({ connection }) => connection) as [Connection, Connection, Connection];
    function* some(): Iterable<Connection> {
      yield a;
      yield b;
    }
    server.broadcast("without a", { except: a });
    server.broadcast("without a, b", { except: [a, b] });
    server.broadcast("without b", { except: new Set([b]) });
    server.broadcast("without some", { except: some() });
    server.broadcast("to all", { except: [] });
    server.broadcast("end", { except: undefined });
    const expected = [
      ["without b", "to all", "end"],
      ["without a", "to all", "end"],
      ["without a", "without a, b", "without b", "without some", "to all", "end"],
    ];
    for (const [index, member] of members.entries()) {
      while (member.received.at(-1) !== "end") await once(member.client, "message");
      expect(member.received).toEqual(expected[index]);
    }
  });

  it.each(["close", "drop"] as const)(
    'a broadcast to a client that does not read is bounded by overflow "%s", and the others get everything',
    async (overflow) => {
      const maxBufferedAmount = 1 << 20;
      const { server, url } = await serve({ maxBufferedAmount, overflow });
      const [slow, plain, compressed] = [
        await join(server, url, { perMessageDeflate: false }),
        await join(server, url, { perMessageDeflate: false }),
        await join(server, url),
      ];
      slow.client.pause();
      const dropped: unknown[] = [];
      slow.connection.on("drop", (data) => dropped.push(data));
      const ended = new Promise((resolve) => slow.connection.on("close", (...args) => resolve(args)));
      const message = noise(100_000);
      for (let count = 1; count <= 200; count++) {
        server.broadcast(message);
        if (slow.connection.readyState === 1) {
          expect(slow.connection.bufferedAmount).toBeLessThanOrEqual(maxBufferedAmount + 14);
        }
        await Promise.all([has(plain, count), has(compressed, count)]);
      }
      expect(new Set([...plain.received, ...compressed.received].map(digest))).toEqual(new Set([digest(message)]));
      if (overflow === "close") {
        expect(await ended).toMatchObject([1006, "", { code: "UNSENT_LIMIT" }]);
        expect(server.connections.size).toBe(2);
        return;
      }
      expect(dropped.length).toBeGreaterThan(0);
      expect(dropped[0]).toBeInstanceOf(PreparedMessage);
      expect((dropped[0] as PreparedMessage).data).toEqual(message);
      slow.client.resume();
      await has(slow, 200 - dropped.length);
      slow.connection.send("still here");
      await has(slow, 201 - dropped.length);
      expect(slow.received.at(-1)).toBe("still here");
    },
  );

  it("a broadcast skips closing connections, and a listener that ends others during it harms none", async () => {
    const { server, url } = await serve({ maxBufferedAmount: 1000, overflow: "drop" });
    const members: Member[] = [];
    for (let count = 0; count < 4; count++) members.push(await join(server, url, { perMessageDeflate: false }));
    const [first, second, third, last] = members as [Member, Member, Member, Member];
    second.connection.close(1000);
    first.client.pause();
    first.connection.on("drop", () => third.connection.terminate());
    while (third.connection.readyState === 1) {
      server.broadcast(noise(100_000));
      await new Promise(setImmediate);
    }
    server.broadcast("end");
    while (last.received.at(-1) !== "end") await once(last.client, "message");
    expect(second.received).toEqual([]);
  });

  it("a broadcast goes on when a transport of the application's own throws", async () => {
    const { server, url } = await serve({ perMessageDeflate: false });
    const good = await join(server, url);
    const broken = new Duplex({
      read() {},
      write(_chunk, _encoding, done) {
        if (good.received.length > 0) throw new Error("broken");
        done();
      },
    });
    const headers = {
      host: "localhost",
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
      "sec-websocket-version": "13",
    };
    const rawHeaders = Object.entries(headers).flat();
    const connected = once(server, "connection");
    server.handleUpgrade(
      { method: "GET", url: "/", httpVersion: "1.1", headers, rawHeaders } as never,
      broken,
      Buffer.alloc(0),
    );
    await connected;
    const after = await join(server, url);
    server.broadcast("before");
    await has(good, 1);
    const usual = process.listeners("uncaughtException");
    const uncaught: unknown[] = [];
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    onTestFinished(() => {
      process.removeAllListeners("uncaughtException");
      for (const listener of usual) process.on("uncaughtException", listener);
    });
    // Long enough to be written at once, within the broadcast.
    const long = noise(100_000);
    expect(() => server.broadcast(long)).not.toThrow();
    expect((await has(after, 2))[1]).toEqual(long);
    expect(uncaught).toEqual([expect.objectContaining({ message: "broken" })]);
  });

  it("a broadcast to nobody, or by a closing or closed server, does nothing", async () => {
    const { server, url } = await serve();
    server.broadcast("nobody");
    const member = await join(server, url);
    const ended = closed(member.connection);
    const done = server.close();
    server.broadcast("late");
    expect((await ended)[0]).toBe(1001);
    await done;
    server.broadcast("later");
    expect(member.received).toEqual([]);
  });

  it.each([null, undefined, 5, {}])(
    "a broadcast of %j throws a TypeError, whether there are clients or not",
    async (data) => {
      const { server } = await serve();
      expect(() => server.broadcast(data as never)).toThrow(TypeError);
    },
  );
});

describe("a prepared message", () => {
  it("a prepared message can be sent again and again, by broadcast() and send(), on two servers and by clients", async () => {
    const both = [await serve({ perMessageDeflate: { threshold: 0 } }), await serve({ perMessageDeflate: true })];
    const message = prepare(wordy(2000).toString());
    for (const { server, url } of both) {
      const [one, other] = [await join(server, url), await join(server, url, { perMessageDeflate: false })];
      server.broadcast(message);
      one.connection.send(message);
      server.broadcast(message, { except: other.connection });
      expect(await has(one, 3)).toEqual(Array(3).fill(message.data));
      expect(await has(other, 1)).toEqual([message.data]);
    }
  });
});

it("a server without sockets of its own can broadcast", () => {
  const server = new WebSocketServer({ noServer: true });
  expect(() => server.broadcast(prepare("nobody"))).not.toThrow();
});
