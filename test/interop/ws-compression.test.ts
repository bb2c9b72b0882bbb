/** Interoperability of permessage-deflate (RFC 7692) with `ws`, in both roles, for all parameters that either requests. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import type { WebSocket } from "ws";
import type { Connection, PerMessageDeflateOptions } from "../../src/index.ts";
import { wordy } from "../extensions/permessage-deflate/codecs.ts";
import { digest } from "../support/digest.ts";
import { echo, message, open, serve } from "../support/servers.ts";
import { MIXED, NEXT_TO_NOTHING, REPEATED } from "./payloads.ts";
import { wsData, wsEcho, wsMessage, wsServer, wsUpgraded } from "./ws-peers.ts";

/** The parameters that one side requests: `ws` and Tautline have the same names for them. */
interface Wishes {
  readonly serverNoContextTakeover?: true;
  readonly clientNoContextTakeover?: true;
  readonly serverMaxWindowBits?: number;
  /** A client with `false` does not let the server ask. */
  readonly clientMaxWindowBits?: number | false;
}

const WINDOWS = [undefined, 8, 9, 12, 15] as const;

function everyWish(clientWindows: readonly (number | false | undefined)[]): Wishes[] {
  const takeovers = [{}, { serverNoContextTakeover: true }, { clientNoContextTakeover: true }] as const;
  return [...takeovers, { ...takeovers[1], ...takeovers[2] }].flatMap((takeover) =>
    WINDOWS.flatMap((serverBits) =>
      clientWindows.map((clientBits) => ({
        ...takeover,
        ...(serverBits === undefined ? {} : { serverMaxWindowBits: serverBits }),
        ...(clientBits === undefined ? {} : { clientMaxWindowBits: clientBits }),
      })),
    ),
  );
}

const OF_SERVER = everyWish(WINDOWS);
const OF_CLIENT = everyWish([...WINDOWS, false]);
/** Servers that request windows and takeovers of all kinds; clients that request windows, too, connect to each. */
const ASKING: readonly Wishes[] = [
  { serverMaxWindowBits: 8, clientMaxWindowBits: 15, serverNoContextTakeover: true, clientNoContextTakeover: true },
  { serverMaxWindowBits: 9, clientMaxWindowBits: 12 },
  { serverMaxWindowBits: 12, clientMaxWindowBits: 9, serverNoContextTakeover: true },
  { serverMaxWindowBits: 15, clientMaxWindowBits: 8, clientNoContextTakeover: true },
];
const OF_ASKING_CLIENT = OF_CLIENT.slice(0, WINDOWS.length * (WINDOWS.length + 1));

/** The largest window is the default, so Tautline does not request it. */
const smaller = (bits: number | false | undefined) => (bits === false || bits === 15 ? undefined : bits);

function answerOf(server: Wishes, client: Wishes, serverBits?: number, clientBits?: number): string[] {
  const answer: string[] = [];
  if (server.serverNoContextTakeover || client.serverNoContextTakeover) answer.push("server_no_context_takeover");
  if (server.clientNoContextTakeover || client.clientNoContextTakeover) answer.push("client_no_context_takeover");
  if (serverBits !== undefined) answer.push(`server_max_window_bits=${serverBits}`);
  if (clientBits !== undefined) answer.push(`client_max_window_bits=${clientBits}`);
  return answer.sort();
}

function least(...bits: readonly (number | undefined)[]): number | undefined {
  const said = bits.filter((each) => each !== undefined);
  return said.length === 0 ? undefined : Math.min(...said);
}

/** Tautline's answer to the offer of `ws`: the smaller window, or no compression if it cannot have the window it wants. */
function ourAnswer(server: Wishes, client: Wishes): string[] | "uncompressed" {
  const clientBits = smaller(server.clientMaxWindowBits);
  if (clientBits !== undefined && client.clientMaxWindowBits === false) return "uncompressed";
  return answerOf(
    server,
    client,
    least(smaller(server.serverMaxWindowBits), client.serverMaxWindowBits),
    least(clientBits, client.clientMaxWindowBits || undefined),
  );
}

/** The answer of `ws` to Tautline's offer: the window it wants, or 400 if the client wants a smaller one. */
function theirAnswer(server: Wishes, client: Wishes): string[] | "refused" {
  const offered = [smaller(client.serverMaxWindowBits), smaller(client.clientMaxWindowBits)];
  const wanted = [server.serverMaxWindowBits, server.clientMaxWindowBits || undefined];
  if (wanted.some((bits, index) => bits !== undefined && bits > (offered[index] ?? 15))) return "refused";
  if (wanted[1] !== undefined && client.clientMaxWindowBits === false) return "refused";
  return answerOf(server, client, wanted[0] ?? offered[0], wanted[1] ?? offered[1]);
}

type Data = string | Buffer;

/** The client's end of a connection to a server that echoes. */
interface Talker {
  send(data: Data): void;
  onMessage(listener: (data: Data) => void): void;
  onClose(listener: () => void): void;
}

function ourTalker(connection: Connection): Talker {
  return {
    send: (data) => connection.send(data),
    onMessage: (listener) => connection.on("message", listener),
    onClose: (listener) => connection.on("close", listener),
  };
}

function theirTalker(client: WebSocket): Talker {
  return {
    send: (data) => client.send(data),
    onMessage: (listener) => client.on("message", (data, isBinary) => listener(wsData(data, isBinary))),
    onClose: (listener) => client.on("close", listener),
  };
}

/** The echoes that a client receives. */
class Echoes {
  readonly digests: string[] = [];
  #awaited = 0;
  #onArrived = () => {};
  #onClosed = (_error: Error) => {};

  constructor(talker: Talker) {
    talker.onMessage((data) => {
      this.digests.push(digest(data));
      if (this.digests.length >= this.#awaited) this.#onArrived();
    });
    talker.onClose(() => this.#onClosed(new Error(`closed behind ${this.digests.length} messages`)));
  }

  /** Resolves when so many have arrived in total; it must be called before. */
  until(count: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#awaited = count;
      this.#onArrived = resolve;
      this.#onClosed = reject;
    });
  }
}

const DIGESTS = [REPEATED, REPEATED, ...MIXED, REPEATED].map(digest);

interface Talk {
  readonly echoed: readonly string[];
  /** Whether the repeated message took few of the bytes that a socket of `ws` read, and wrote. */
  readonly read: boolean;
  readonly wrote: boolean;
}

/** Sends the repeated message twice, one by one, and then all others at once. */
async function talk(talker: Talker, socketOf: () => Socket): Promise<Talk> {
  const echoes = new Echoes(talker);
  talker.send(REPEATED);
  await echoes.until(1);
  const socket = socketOf();
  const { bytesRead, bytesWritten } = socket;
  talker.send(REPEATED);
  await echoes.until(2);
  const read = socket.bytesRead - bytesRead < NEXT_TO_NOTHING;
  const wrote = socket.bytesWritten - bytesWritten < NEXT_TO_NOTHING;
  for (const each of [...MIXED, REPEATED]) talker.send(each);
  await echoes.until(DIGESTS.length);
  return { echoed: echoes.digests, read, wrote };
}

/** The outcome of a server and a client that connect. */
interface Outcome {
  readonly server: Wishes;
  readonly client: Wishes;
  /** The parameters as each side knows them, in any order, or "uncompressed" or "refused". */
  readonly atServer: readonly string[] | string;
  readonly atClient: readonly string[] | string;
  readonly echoed?: readonly string[];
  /** Whether a repeated message of each took few bytes. */
  readonly serverTakesOver?: boolean;
  readonly clientTakesOver?: boolean;
}

function expected(server: Wishes, client: Wishes, answer: readonly string[] | string): Outcome {
  const outcome = { server, client, atServer: answer, atClient: answer };
  if (answer === "refused") return outcome;
  const takesOver = (side: string) => answer !== "uncompressed" && !answer.includes(`${side}_no_context_takeover`);
  const [serverTakesOver, clientTakesOver] = [takesOver("server"), takesOver("client")];
  return { ...outcome, echoed: DIGESTS, serverTakesOver, clientTakesOver };
}

/** The parameters in a value of Sec-WebSocket-Extensions. */
function parametersOf(header = ""): readonly string[] | string {
  const [name, ...parameters] = header.split(/; ?/);
  if (name === "") return "uncompressed";
  return name === "permessage-deflate" ? parameters.sort() : header;
}

/** Our server, and a client of `ws` for each set of parameters. */
async function meetOurServer(server: Wishes, clients: readonly Wishes[]): Promise<Outcome[]> {
  const serving = await serve({ perMessageDeflate: { ...server, threshold: 0 } as PerMessageDeflateOptions });
  echo(serving.server);
  const atServer = new Map<string, string>();
  serving.server.on("connection", ({ extensions }, { url }) => atServer.set(url, extensions));
  return Promise.all(
    clients.map(async (client, index) => {
      const options = { perMessageDeflate: { ...client, threshold: 0 } };
      const { client: socket, response } = await wsUpgraded(`${serving.url}/${index}`, [], options);
      const { echoed, read, wrote } = await talk(theirTalker(socket), () => response.socket);
      return {
        server,
        client,
        atServer: parametersOf(atServer.get(`/${index}`)),
        atClient: parametersOf(response.headers["sec-websocket-extensions"]),
        echoed,
        serverTakesOver: read,
        clientTakesOver: wrote,
      };
    }),
  );
}

/** A server of `ws`, and our client for each set of parameters. */
async function meetTheirServer(server: Wishes, clients: readonly Wishes[]): Promise<Outcome[]> {
  const serving = await wsServer({ perMessageDeflate: { ...server, threshold: 0 } as object });
  wsEcho(serving.server);
  const atServer = new Map<string | undefined, { header: string | undefined; socket: Socket }>();
  serving.server.on("headers", (lines: readonly string[], { url, socket }: IncomingMessage) => {
    const line = lines.find((each) => each.startsWith("Sec-WebSocket-Extensions: "));
    atServer.set(url, { header: line?.slice(line.indexOf(" ") + 1), socket });
  });
  return Promise.all(
    clients.map(async (client, index) => {
      const perMessageDeflate = { ...client, threshold: 0 };
      const opening = open(`${serving.url}/${index}`, { perMessageDeflate, concurrent: true });
      const connection = await opening.catch(({ code, response }) => {
        if (code !== "STATUS_NOT_101" || response.status !== 400) throw new Error(`${code} with ${response?.status}`);
        return null;
      });
      if (connection === null) return { server, client, atServer: "refused", atClient: "refused" };
      const peer = atServer.get(`/${index}`);
      const { echoed, read, wrote } = await talk(ourTalker(connection), () => peer?.socket as Socket);
      return {
        server,
        client,
        atServer: parametersOf(peer?.header),
        atClient: parametersOf(connection.extensions),
        echoed,
        serverTakesOver: wrote,
        clientTakesOver: read,
      };
    }),
  );
}

describe.each([
  ["our server and clients of ws", meetOurServer, ourAnswer],
  ["a server of ws and our clients", meetTheirServer, theirAnswer],
] as const)("%s", (_, meet, answer) => {
  const all = (server: Wishes, clients: readonly Wishes[]) =>
    clients.map((client) => expected(server, client, answer(server, client)));

  it("RFC 7692 section 7.1: Tautline and ws agree on parameters and exchange messages with any request of the client", async () => {
    expect(await meet({}, OF_CLIENT)).toEqual(all({}, OF_CLIENT));
  });

  it("RFC 7692 section 7.1: Tautline and ws agree on parameters and exchange messages with any request of the server", async () => {
    const met = await Promise.all(OF_SERVER.map((server) => meet(server, [{}])));
    expect(met).toEqual(OF_SERVER.map((server) => all(server, [{}])));
  });

  it.each(ASKING)(
    "RFC 7692 section 7.1: Tautline and ws agree on parameters and exchange messages with any request of the client if the server requests %j",
    async (server) => {
      expect(await meet(server, OF_ASKING_CLIENT)).toEqual(all(server, OF_ASKING_CLIENT));
    },
  );
});

it("RFC 7692 section 5: if the server of ws does not grant our client's requests, it accepts the fallback without them", async () => {
  const { server, url } = await wsServer({ perMessageDeflate: { serverMaxWindowBits: 12 } });
  wsEcho(server);
  const request = { serverMaxWindowBits: 10 };
  await expect(open(url, { perMessageDeflate: request })).rejects.toMatchObject({ response: { status: 400 } });
  const connection = await open(url, { perMessageDeflate: { ...request, fallback: true } });
  expect(connection.extensions).toBe("permessage-deflate; server_max_window_bits=12");
  connection.send(wordy(50_000).toString());
  expect(await message(connection)).toBe(wordy(50_000).toString());
});

interface Side {
  /** Whether it compresses. */
  readonly ours: boolean;
  readonly theirs: boolean;
}

/** The two ends of a connection, and the socket of `ws`. */
interface Met {
  readonly ours: Connection;
  readonly theirs: WebSocket;
  readonly socket: Socket;
}

async function ourServerMet({ ours, theirs }: Side): Promise<Met> {
  const { server, url } = await serve({ perMessageDeflate: ours });
  const connected = once(server, "connection") as Promise<[Connection]>;
  const { client, response } = await wsUpgraded(url, [], { perMessageDeflate: theirs });
  return { ours: (await connected)[0], theirs: client, socket: response.socket };
}

async function theirServerMet({ ours, theirs }: Side): Promise<Met> {
  const { server, url } = await wsServer({ perMessageDeflate: theirs });
  const connected = once(server, "connection") as Promise<[WebSocket, IncomingMessage]>;
  const connection = await open(url, { perMessageDeflate: ours });
  const [socket, request] = await connected;
  return { ours: connection, theirs: socket, socket: request.socket };
}

describe.each([
  ["our server and a client of ws", ourServerMet],
  ["a server of ws and our client", theirServerMet],
])("%s", (_, meet) => {
  it("RFC 7692 section 6.1: Tautline and ws join compressed fragments, with control frames and plain messages between them", async () => {
    const { ours, theirs, socket } = await meet({ ours: true, theirs: true });
    const parts = [wordy(20_000), Buffer.alloc(0), wordy(20_000), Buffer.from("the last one ✓")];
    const before = socket.bytesWritten;
    const pinged = once(ours, "ping");
    const messages = (async () => {
      const all: Data[] = [];
      for await (const data of ours) if (all.push(data) === 4) break;
      return all;
    })();
    theirs.send("plain", { compress: false });
    for (const [index, part] of parts.entries()) {
      theirs.send(part, { binary: true, compress: true, fin: index === parts.length - 1 });
      if (index === 1) theirs.ping("between");
    }
    theirs.send("plain fragments ", { compress: false, fin: false });
    theirs.send("are two", { compress: false, fin: true });
    theirs.send(parts[0] as Buffer, { binary: true, compress: true });
    const whole = Buffer.concat(parts);
    const expected = ["plain", whole, "plain fragments are two", parts[0] as Buffer];
    expect((await messages).map(digest)).toEqual(expected.map(digest));
    expect(String((await pinged)[0])).toBe("between");
    expect(socket.bytesWritten - before).toBeLessThan(whole.length / 2);
  });

  it.each([[{ ours: false, theirs: true }], [{ ours: true, theirs: false }], [{ ours: false, theirs: false }]])(
    "Tautline and ws send messages without compression unless both enable it: %j",
    async (side) => {
      const { ours, theirs, socket } = await meet(side);
      expect([ours.extensions, theirs.extensions]).toEqual(["", ""]);
      const before = [socket.bytesRead, socket.bytesWritten];
      const got = [wsMessage(theirs), message(ours)];
      ours.send(wordy(60_000), { compress: true });
      theirs.send(wordy(60_000).toString(), { compress: true });
      expect((await Promise.all(got)).map(digest)).toEqual([wordy(60_000), wordy(60_000).toString()].map(digest));
      expect(socket.bytesRead - (before[0] as number)).toBeGreaterThan(60_000);
      expect(socket.bytesWritten - (before[1] as number)).toBeGreaterThan(60_000);
    },
  );

  it("Tautline and ws compress a message or not, as its options request", async () => {
    const { ours, theirs, socket } = await meet({ ours: true, theirs: true });
    const spent: number[] = [];
    for (const compress of [true, false]) {
      const before = socket.bytesRead;
      const got = wsMessage(theirs);
      ours.send("a".repeat(100), { compress });
      expect(await got).toBe("a".repeat(100));
      spent.push(socket.bytesRead - before);
    }
    expect(spent[0]).toBeLessThan(30);
    expect(spent[1]).toBeGreaterThan(100);
  });

  it("the receiver closes with 1009 if a compressed message expands to more than its limit", async () => {
    const { ours, theirs } = await meet({ ours: true, theirs: true });
    const [error, close] = [once(ours, "error"), once(theirs, "close")];
    theirs.send(Buffer.alloc((16 << 20) + 1));
    expect((await error)[0]).toMatchObject({ code: "MESSAGE_TOO_BIG" });
    expect((await close)[0]).toBe(1009);
  });
});
