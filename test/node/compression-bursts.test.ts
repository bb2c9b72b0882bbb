/** Many connections that compress at once, over real sockets: the event loop goes on in between. */
import { once } from "node:events";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { deflateStatistics } from "../../src/extensions/index.ts";
import { type Connection, prepare } from "../../src/index.ts";
import { noise } from "../extensions/permessage-deflate/codecs.ts";
import { CARRIERS, type Carrier, isSecure, listening, roleOf } from "../support/carriers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { openWebSocket, type RawPeer } from "../support/raw-peer.ts";
import { echo, message, open, script, serve, switching } from "../support/servers.ts";

const RSV1 = 4;
const MANY = 120;
const EXTENSIONS = { "Sec-WebSocket-Extensions": "permessage-deflate" };
/** It costs a turn's budget much to inflate: 40 KB of text that are no shorter than 30 KB when they are compressed. */
const COSTLY = noise(30_000).toString("base64");
const COSTLY_PAYLOAD = deflateRawSync(COSTLY, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

interface Met {
  readonly connections: readonly Connection[];
  readonly peers: readonly RawPeer[];
  /** The masking key of the peers' frames. */
  readonly mask: readonly number[] | null;
}

/** A server with many clients by hand. */
async function serverMet(carrier: Carrier): Promise<Met> {
  const { server, port } = await listening(carrier, {});
  const connections: Connection[] = [];
  server.on("connection", (connection) => connections.push(connection));
  const peers: RawPeer[] = [];
  const options = isSecure(carrier) ? { ca: (await makeCertificate()).cert } : {};
  while (peers.length < MANY) peers.push((await openWebSocket(port, EXTENSIONS, options)).peer);
  return { connections: [...connections], peers, mask: EXAMPLE_KEY };
}

/** Many clients of a server by hand. */
async function clientsMet(carrier: Carrier): Promise<Met> {
  const certificate = isSecure(carrier) ? await makeCertificate() : undefined;
  const accept = async (peer: RawPeer) => peer.send(switching(await peer.head(), EXTENSIONS));
  const { url, peers } = await script(accept, certificate);
  const options = certificate === undefined ? {} : { tls: { ca: certificate.cert } };
  const connections: Connection[] = [];
  while (connections.length < MANY) connections.push(await open(url, options));
  return { connections, peers, mask: null };
}

function meet(carrier: Carrier): Promise<Met> {
  return roleOf(carrier) === "server" ? serverMet(carrier) : clientsMet(carrier);
}

/** Another one for each index, which costs a turn's budget much to compress. */
function textOf(index: number): string {
  return `${index} ${"some words that repeat themselves ".repeat(1500)}`;
}

/** How many messages this process has compressed at once. */
function compressions(): number {
  const { hits, misses } = deflateStatistics().deflaters;
  return hits + misses;
}

function inflated(payload: Buffer): string {
  return inflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
}

/** Counts what happens in each turn of the event loop. */
class TurnCounter {
  readonly #counts = [0];
  #stopped = false;

  constructor() {
    const next = () => {
      if (this.#stopped) return;
      this.#counts.push(0);
      setImmediate(next);
    };
    setImmediate(next);
    onTestFinished(() => this.stop());
  }

  count(): void {
    (this.#counts[this.#counts.length - 1] as number)++;
  }

  stop(): void {
    this.#stopped = true;
  }

  get most(): number {
    return Math.max(...this.#counts);
  }
}

/** Sends the costly message to each connection at once. */
function burst({ peers, mask }: Met): void {
  const bytes = frame({ opcode: TEXT, rsv: RSV1, payload: COSTLY_PAYLOAD, mask });
  for (const peer of peers) peer.send(bytes);
}

/** Resolves when each connection has got one message. */
function all(connections: readonly Connection[]): Promise<unknown> {
  return Promise.all(connections.map((connection) => once(connection, "message")));
}

describe.each(CARRIERS)("%s with messages from many connections at once", (carrier) => {
  test("a burst of compressed messages is inflated over several turns of the event loop, and all of it arrives", async () => {
    const met = await meet(carrier);
    const turns = new TurnCounter();
    const messages: unknown[] = [];
    for (const connection of met.connections) {
      connection.on("message", (data) => {
        turns.count();
        messages.push(data);
      });
    }
    const done = all(met.connections);
    burst(met);
    await done;
    expect(messages.filter((data) => data !== COSTLY)).toEqual([]);
    expect(messages).toHaveLength(MANY);
    expect(turns.most).toBeLessThanOrEqual(MANY / 2);
  });

  test("a message of another connection is echoed before a burst of compressed messages has been delivered", async () => {
    const met = await meet(carrier);
    let delivered = 0;
    for (const connection of met.connections) connection.on("message", () => delivered++);
    const { server, url } = await serve();
    echo(server);
    const other = await open(url, { perMessageDeflate: false });
    const done = all(met.connections);
    burst(met);
    other.send("hello");
    await message(other);
    expect(delivered).toBeLessThan(MANY);
    await done;
  });
});

describe.each(CARRIERS)("%s with a message to send on each of many connections", (carrier) => {
  test.each([
    ["send()", textOf],
    ["send() of prepared messages", (index: number) => prepare(textOf(index))],
  ])(
    "a burst of messages to compress by %s is spread over several turns of the event loop",
    async (_name, messageOf) => {
      const { connections, peers } = await meet(carrier);
      const before = compressions();
      for (const [index, connection] of connections.entries()) connection.send(messageOf(index));
      expect(compressions() - before).toBeLessThanOrEqual(MANY / 2);
      const frames = await Promise.all(peers.map((peer) => peer.frame()));
      expect(frames.filter(({ rsv, payload }, index) => rsv !== RSV1 || inflated(payload) !== textOf(index))).toEqual(
        [],
      );
      expect(compressions() - before).toBe(MANY);
    },
  );
});

describe("a server that broadcasts many messages at once", () => {
  test("a burst of broadcasts is compressed over several turns of the event loop, and arrives in order", async () => {
    const { server, port } = await serve();
    const { peer } = await openWebSocket(port, EXTENSIONS);
    const before = compressions();
    for (let index = 0; index < MANY; index++) server.broadcast(textOf(index));
    expect(compressions() - before).toBeLessThanOrEqual(MANY / 2);
    for (let index = 0; index < MANY; index++) {
      expect(inflated((await peer.frame()).payload) === textOf(index)).toBe(true);
    }
  });
});
