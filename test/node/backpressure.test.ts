/** Back-pressure over real sockets: what follows a `send()` that has returned `false`. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Connection, prepare, type WebSocketServer } from "../../src/index.ts";
import { CARRIERS, type Carried, type Carrier, carried, framesFor, isSecure } from "../support/carriers.ts";
import { DrainLog } from "../support/drain-log.ts";
import { BINARY } from "../support/frames.ts";
import type { RawPeer } from "../support/raw-peer.ts";

const MIB = 1 << 20;
const RUNS = Number(process.env["FC_RUNS"] ?? 4);
const DEFLATE = { perMessageDeflate: true, headers: { "Sec-WebSocket-Extensions": "permessage-deflate" } };

/** From now on the peer reads nothing: a few MiB later the connection is stuck. */
function hold(peer: RawPeer): void {
  peer.socket.pause();
}

/** From now on the peer reads everything, and keeps none of it. */
function swallow(peer: RawPeer): void {
  peer.socket.removeAllListeners("data");
  peer.socket.on("data", () => {});
  peer.socket.resume();
}

/** Sends until much more waits than the system takes. */
function fill(connection: Connection, log: DrainLog): void {
  const bytes = randomBytes(MIB);
  for (let count = 0; count < 12; count++) log.note(connection.send(bytes, { compress: false }));
  expect(connection.bufferedAmount).toBeGreaterThan(MIB);
}

async function echoInLoop(connection: Connection): Promise<void> {
  try {
    for await (const message of connection) {
      if (!connection.send(message)) await once(connection, "drain");
    }
  } catch {
    // 'close' reports it as well.
  }
}

function echoWithPauses(connection: Connection): void {
  connection.setMaxListeners(0);
  connection.on("message", (message) => {
    if (connection.send(message)) return;
    connection.pause();
    connection.once("drain", () => connection.resume());
  });
}

/** The ways in which an application sends, each with a loop that waits for 'drain' as users write it. */
const WAYS: readonly [string, (connection: Connection, server: WebSocketServer | null) => (data: Buffer) => boolean][] =
  [
    ["send()", (connection) => (data) => connection.send(data)],
    ["send() of a prepared message", (connection) => (data) => connection.send(prepare(data))],
    ["send() of text", (connection) => (data) => connection.send(data.toString("base64"))],
  ];

describe.each(CARRIERS)("over %s", (carrier) => {
  it.each(
    [["without compression", {}] as const, ["with compression", DEFLATE] as const].flatMap(([how, options]) =>
      WAYS.map(([way, sender]) => [way, how, options, sender] as const),
    ),
  )("a loop that waits for 'drain' after each false of %s goes on, %s", async (_, __, options, sender) => {
    const { connection, peer, server } = await carried(carrier, options);
    swallow(peer);
    const send = sender(connection, server);
    const log = new DrainLog(connection);
    for (const size of [100_000, 65_536, 16_384, 200_000, 70_000, 16_385, 100_000]) {
      if (!log.note(send(randomBytes(size)))) await log.settled();
    }
    expect(log.faults).toEqual([]);
    expect(connection.bufferedAmount).toBeLessThan(65_536);
  });

  it("no 'drain' is emitted when the peer resets during a backlog: 'close' releases the sender", async () => {
    const { connection, peer } = await carried(carrier);
    const log = new DrainLog(connection);
    hold(peer);
    fill(connection, log);
    if (isSecure(carrier)) peer.socket.destroy();
    else peer.socket.resetAndDestroy();
    await log.closed();
    expect([log.drains, log.waits, log.faults]).toEqual([0, false, []]);
    expect(connection.bufferedAmount).toBe(0);
  });

  it.each([
    ["terminate()", (connection: Connection) => connection.terminate()],
    ["close() whose timeout passes", (connection: Connection) => connection.close()],
    ["a message past maxBufferedAmount", (connection: Connection) => void connection.send(Buffer.alloc(17 * MIB))],
  ])("'close' releases a waiting sender after %s", async (_, end) => {
    const { connection, peer } = await carried(carrier, { closeTimeout: 50 });
    const log = new DrainLog(connection);
    connection.on("error", () => {});
    hold(peer);
    fill(connection, log);
    end(connection);
    expect(log.note(connection.send("late"))).toBe(false);
    await log.closed();
    expect([log.drains, log.waits, log.faults]).toEqual([0, false, []]);
  });

  it("after a peer has answered no ping and read nothing, 'close' releases a waiting sender", async () => {
    const { connection, peer } = await carried(carrier, { pingInterval: 20, pingTimeout: 40 });
    const log = new DrainLog(connection);
    hold(peer);
    fill(connection, log);
    await log.closed();
    expect([log.drains, log.waits, log.faults]).toEqual([0, false, []]);
  });

  it.each([
    ["a loop", echoInLoop],
    ["a listener that pauses", echoWithPauses],
  ])("%s that waits for 'drain' is released when a peer that sends and never reads goes away", async (_, echo) => {
    const { connection, peer, role } = await carried(carrier, { perMessageDeflate: false });
    hold(peer);
    echo(connection);
    const frames = framesFor(role, ...Array(100).fill({ opcode: BINARY, payload: Buffer.alloc(1000) }));
    // Until neither side takes anything any more.
    while (peer.socket.writableLength < MIB) {
      peer.socket.write(frames);
      await new Promise(setImmediate);
    }
    const closed = new Promise((resolve) => connection.on("close", resolve));
    peer.socket.destroy();
    expect(await closed).toBe(1006);
  });

  it("a message that is dropped is followed by 'drain' once the peer reads", async () => {
    const { connection, peer } = await carried(carrier, { maxBufferedAmount: 13 * MIB, overflow: "drop" });
    const log = new DrainLog(connection);
    hold(peer);
    fill(connection, log);
    const dropped = once(connection, "drop");
    expect(log.note(connection.send(Buffer.alloc(13 * MIB), { compress: false }))).toBe(false);
    await dropped;
    swallow(peer);
    await log.settled();
    expect([log.drains, log.isClosed, log.faults]).toEqual([1, false, []]);
  });
});

const size = fc.oneof(
  fc.constantFrom(0, 1, 1000, 16_383, 16_384, 16_385, 65_525, 65_535, 65_536, 65_537, 131_072, 131_073),
  fc.nat(300_000),
);
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      size,
      what: fc.constantFrom("text" as const, "bytes" as const, "prepared" as const, "broadcast" as const),
      random: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("ping" as const, "pong" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("hold" as const, "read" as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("turn" as const, "settle" as const) }) },
);
const ending = fc.constantFrom("read", "terminate", "close", "reset", "peer ends");

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

class Conversation {
  readonly log: DrainLog;
  readonly #carried: Carried;
  readonly #highWaterMark: number;
  #holds = false;

  constructor(made: Carried, highWaterMark: number) {
    this.#carried = made;
    this.#highWaterMark = highWaterMark;
    this.log = new DrainLog(made.connection);
    swallow(made.peer);
  }

  async take(each: Step): Promise<void> {
    const { connection, peer } = this.#carried;
    if (each.kind === "send") this.#send(each);
    else if (each.kind === "ping" || each.kind === "pong") this.log.note(connection[each.kind]("payload"));
    else if (each.kind === "turn") await new Promise(setImmediate);
    else if (each.kind === "settle" && !this.#holds) await this.log.settled();
    else if (each.kind === "hold" || each.kind === "read") {
      this.#holds = each.kind === "hold";
      if (this.#holds) hold(peer);
      else peer.socket.resume();
    }
  }

  #send({ size, what, random }: Step & { kind: "send" }): void {
    const { connection, server } = this.#carried;
    const data =
      what === "text" ? (random ? randomBytes(size).toString("base64") : "x".repeat(size)) : this.#bytes(size, random);
    if (what === "broadcast" && server !== null) {
      server.broadcast(data);
      // A broadcast returns nothing, but counts as a send() to each connection.
      this.log.note(connection.bufferedAmount < this.#highWaterMark);
    } else {
      this.log.note(connection.send(what === "prepared" ? prepare(data) : data));
    }
  }

  #bytes(size: number, random: boolean): Buffer {
    return random ? randomBytes(size) : Buffer.alloc(size, "x");
  }

  async end(how: string): Promise<void> {
    const { connection, peer } = this.#carried;
    if (how === "terminate" || how === "close") connection[how]();
    else if (how === "reset") peer.socket.destroy();
    else if (how === "peer ends") peer.socket.end();
    peer.socket.resume();
    if (how === "read") await this.log.settled();
    else await this.log.closed();
  }
}

describe.each(["a TCP server", "a TLS server", "a TCP client", "a TLS client"] as const satisfies readonly Carrier[])(
  "over %s, whatever is sent, and however it ends",
  (carrier) => {
    it.each([
      ["without", {}],
      ["with", DEFLATE],
    ])("exactly one of 'drain' and 'close' follows each false, %s compression", async (_, options) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 5, maxLength: 40 }),
          ending,
          fc.constantFrom(1000, 65_536),
          async (steps, how, highWaterMark) => {
            const made = await carried(carrier, {
              ...options,
              highWaterMark,
              closeTimeout: 50,
              maxBufferedAmount: 64 * MIB,
            });
            const conversation = new Conversation(made, highWaterMark);
            made.connection.on("error", () => {});
            for (const each of steps) await conversation.take(each);
            await conversation.end(how);
            expect([conversation.log.waits, conversation.log.faults]).toEqual([false, []]);
            made.connection.terminate();
          },
        ),
        { numRuns: RUNS },
      );
    });
  },
);
