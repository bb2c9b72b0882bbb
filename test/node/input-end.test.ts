/**
 * The place of the end of the input: behind everything that arrived before it, over each kind of socket, however long
 * the application holds its messages back; and how long the application may hold back the end.
 */
import { once } from "node:events";
import { constants, deflateRawSync } from "node:zlib";
import { afterEach, describe, expect, test, vi } from "vitest";
import { LISTENER_WAIT } from "../../src/connection/delivery.ts";
import type { Connection } from "../../src/index.ts";
import {
  CARRIERS,
  type Carried,
  type Carrier,
  type CarrierOptions,
  CLIENT_CARRIERS,
  carried,
  closing,
  framesFor,
  isSecure,
  listening,
  SERVER_CARRIERS,
} from "../support/carriers.ts";
import { makeCertificate } from "../support/certificate.ts";
import { BINARY, CLOSE, type FrameSpec, TEXT } from "../support/frames.ts";
import { openRaw, upgrade } from "../support/raw-peer.ts";

afterEach(() => {
  vi.useRealTimers();
});

const COUNT = 400;
/** The number of bytes decides how many reads, and how many TLS records, the messages and the end are spread over. */
const SIZES = [20, 150, 1_000, 3_000];
/** An application that forgets nothing: a time-out never ends a connection of these tests. */
const FOREVER = 2 ** 31 - 1;
/** Reading stops with the first message that waits. */
const SMALL: CarrierOptions = { maxQueuedAmount: 1, perMessageDeflate: false, closeTimeout: FOREVER };

function messagesOf(size: number): FrameSpec[] {
  return Array.from({ length: COUNT }, (_, index) => ({ opcode: BINARY, payload: Buffer.alloc(size, index) }));
}

function closeFrame(code: number): FrameSpec {
  return { opcode: CLOSE, payload: Buffer.from([code >> 8, code & 255]) };
}

/** Gives sockets the time to bring what they have. */
async function turns(count = 50): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

function collect(connection: Connection): unknown[] {
  const messages: unknown[] = [];
  connection.on("message", (data) => messages.push(data));
  return messages;
}

describe.each(CARRIERS)("over %s, messages, a Close frame and the end of the socket, sent at once,", (carrier) => {
  test.each(SIZES)(
    "messages, a Close frame and the end that come at once arrive in order after pause() and resume(), at %i bytes",
    async (size) => {
      const { connection, peer, role } = await carried(carrier, { ...SMALL, onConnection: (made) => made.pause() });
      const messages = collect(connection);
      peer.socket.end(framesFor(role, ...messagesOf(size), closeFrame(1000)));
      await turns();
      connection.resume();
      expect((await closing(connection)).slice(0, 2)).toEqual([1000, ""]);
      expect(messages).toHaveLength(COUNT);
      expect(connection.readyState).toBe(3);
    },
  );

  test.each(SIZES)(
    "messages, a Close frame and the end that come at once reach a loop in order, at %i bytes",
    async (size) => {
      const { connection, peer, role } = await carried(carrier, SMALL);
      const closed = closing(connection);
      peer.socket.end(framesFor(role, ...messagesOf(size), closeFrame(1000)));
      let count = 0;
      for await (const data of connection) {
        expect(data[0]).toBe(count++ & 255);
        if (count % 50 === 0) await turns(1);
      }
      expect(count).toBe(COUNT);
      expect((await closed).slice(0, 2)).toEqual([1000, ""]);
    },
  );

  test("messages, a Close frame and the end that come at once arrive although the messages are inflated in zlib's threads", async () => {
    const headers = { "Sec-WebSocket-Extensions": "permessage-deflate" };
    const { connection, peer, role } = await carried(carrier, { closeTimeout: FOREVER, headers });
    const messages = collect(connection);
    const payload = deflateRawSync(Buffer.alloc(300_000, "x"), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const compressed = Array.from({ length: 20 }, (): FrameSpec => ({ opcode: TEXT, rsv: 4, payload }));
    peer.socket.end(framesFor(role, ...compressed, closeFrame(1000)));
    expect((await closing(connection)).slice(0, 2)).toEqual([1000, ""]);
    expect(messages.map((message) => String(message).length)).toEqual(compressed.map(() => 300_000));
  });

  test("messages, a Close frame and the end that come with the opening handshake arrive", async () => {
    let messages: unknown[] = [];
    const { connection } = await carried(carrier, {
      ...SMALL,
      withHandshake: framesFor(isClient(carrier) ? "client" : "server", ...messagesOf(20), closeFrame(4401)),
      endWithHandshake: true,
      onConnection: (made) => {
        messages = collect(made);
      },
    });
    expect((await closing(connection)).slice(0, 2)).toEqual([4401, ""]);
    expect(messages).toHaveLength(COUNT);
  });

  test("an end without a Close frame that comes with the opening handshake closes the connection with 1006", async () => {
    const { connection } = await carried(carrier, { ...SMALL, endWithHandshake: true });
    const [code, , error] = await closing(connection);
    expect(code).toBe(1006);
    expect(error).toMatchObject({ code: "CUT_OFF" });
    expect(connection.readyState).toBe(3);
  });
});

function isClient(carrier: Carrier): boolean {
  return (CLIENT_CARRIERS as readonly Carrier[]).includes(carrier);
}

describe.each(CLIENT_CARRIERS)("over %s, a socket that is gone before the connection begins to read", (carrier) => {
  test.each(["destroy", "resetAndDestroy"] as const)(
    "a socket that is gone by %s() behind the 101 response closes the connection",
    async (end) => {
      const withHandshake = framesFor("client", { opcode: TEXT, payload: "last" }, closeFrame(4401));
      const { connection } = await carried(carrier, {
        ...SMALL,
        withHandshake,
        onConnection: (made) => void collect(made),
        onPeer: (peer) => {
          // The end of TLS alone: node 20 crashes if the socket under TLS is reset.
          if (isSecure(carrier)) peer.socket.destroy();
          else peer.socket[end]();
        },
      });
      const [code] = await closing(connection);
      // The system drops what was not read before a reset.
      expect(end === "destroy" ? [4401] : [1006, 4401]).toContain(code);
    },
  );
});

/** A connection to which so much was sent that reading has stopped. */
async function withUnread(carrier: Carrier, options: CarrierOptions = {}): Promise<Carried> {
  const made = await carried(carrier, {
    maxQueuedAmount: 1_000,
    perMessageDeflate: false,
    closeTimeout: FOREVER,
    ...options,
  });
  made.send(...messagesOf(3_000));
  await turns();
  return made;
}

/** The same, whose peer answers the Close frame. */
async function withUnreadAndAnswer(carrier: Carrier, options?: CarrierOptions): Promise<Carried> {
  const made = await withUnread(carrier, options);
  void answerClose(made);
  return made;
}

async function answerClose({ peer, role }: Carried): Promise<void> {
  for (;;) {
    const { opcode, payload } = await peer.frame().catch(() => ({ opcode: CLOSE, payload: null }));
    if (payload === null) return;
    if (opcode !== CLOSE) continue;
    const answer = framesFor(role, { opcode: CLOSE, payload });
    if (role === "client") peer.socket.end(answer);
    else peer.send(answer);
    return;
  }
}

describe.each(CARRIERS)(
  "over %s, close() sees the peer's answer although more than maxQueuedAmount is unread",
  (carrier) => {
    test("close() sees the peer's answer behind more than maxQueuedAmount if nobody listens", async () => {
      const { connection } = await withUnreadAndAnswer(carrier);
      connection.close(4000, "enough");
      expect((await closing(connection)).slice(0, 2)).toEqual([4000, "enough"]);
    });

    test("close() sees the peer's answer behind more than maxQueuedAmount if the application has paused", async () => {
      const { connection } = await withUnreadAndAnswer(carrier, { onConnection: (made) => made.pause() });
      collect(connection);
      connection.close(4000, "enough");
      expect((await closing(connection)).slice(0, 2)).toEqual([4000, "enough"]);
    });

    test("close() sees the peer's answer behind more than maxQueuedAmount if a loop was left by break", async () => {
      const { connection } = await withUnreadAndAnswer(carrier);
      for await (const _ of connection) break;
      connection.close(4000, "enough");
      expect((await closing(connection)).slice(0, 2)).toEqual([4000, "enough"]);
    });

    test("close() sees the peer's answer behind more than maxQueuedAmount, and a loop that goes on gets every message first", async () => {
      const { connection } = await withUnreadAndAnswer(carrier);
      const closed = closing(connection);
      let count = 0;
      for await (const _ of connection) if (++count === 1) connection.close(4000);
      expect(count).toBe(COUNT);
      expect((await closed)[0]).toBe(4000);
    });
  },
);

describe.each(CARRIERS)("over %s, if nobody listens and more than maxQueuedAmount has come", (carrier) => {
  test("a Close frame behind more than maxQueuedAmount is answered after one second if nobody listens", async () => {
    const { connection, send, peer } = await withUnread(carrier);
    send(closeFrame(4002));
    const { opcode, payload } = await withoutListenerWait(connection, peer.frame());
    expect([opcode, payload.readUInt16BE()]).toEqual([CLOSE, 4002]);
    peer.socket.end();
    expect((await closing(connection))[0]).toBe(4002);
  });

  test("the end of the socket behind more than maxQueuedAmount is seen after one second if nobody listens", async () => {
    const { connection, peer } = await withUnread(carrier);
    peer.socket.end();
    expect((await withoutListenerWait(connection, closing(connection)))[0]).toBe(1006);
  });

  test("idleTimeout closes a connection that nobody listens to and that has more than maxQueuedAmount waiting", async () => {
    const { connection } = await withUnreadAndAnswer(carrier, { idleTimeout: 20 });
    const [code, reason] = await withoutListenerWait(connection, closing(connection));
    expect([code, reason]).toEqual([1001, "no message for 20 ms"]);
  });
});

/** Lets the seconds pass at once during which reading stops because nobody listens. Sockets still take real time. */
async function withoutListenerWait<Result>(connection: Connection, awaited: Promise<Result>): Promise<Result> {
  // The wait has begun by real time: let it begin anew by the fake clock.
  connection.pause();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  connection.resume();
  let isDone = false;
  const done = awaited.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    vi.advanceTimersByTime(LISTENER_WAIT);
    await turns(1);
  }
  return done;
}

describe.each(CARRIERS)(
  "over %s, a paused connection with a message waiting emits close without resume()",
  (carrier) => {
    async function paused(): Promise<Carried> {
      const made = await carried(carrier, { closeTimeout: FOREVER, onConnection: (connection) => connection.pause() });
      collect(made.connection);
      made.send({ opcode: TEXT, payload: "waits" });
      void answerClose(made);
      await turns();
      return made;
    }

    test("a paused connection with a message waiting emits close after terminate(), without resume()", async () => {
      const { connection } = await paused();
      connection.terminate();
      const [code, , error] = await closing(connection);
      expect(code).toBe(1006);
      expect(error).toMatchObject({ code: "TERMINATED" });
    });

    test("a paused connection with a message waiting emits close after close(), without resume()", async () => {
      const { connection } = await paused();
      connection.close(4000);
      expect((await closing(connection))[0]).toBe(4000);
    });

    test("a paused connection emits close after close() or terminate() although the peer had closed before", async () => {
      for (const end of ["close", "terminate"] as const) {
        const { connection, peer, send } = await paused();
        send(closeFrame(4003));
        peer.socket.end();
        await turns();
        const closed = closing(connection);
        connection[end]();
        expect((await closed)[0]).toBe(4003);
      }
    });

    test.runIf(!isClient(carrier))(
      "a paused connection with a message waiting emits close after server.close(), without resume()",
      async () => {
        const { connection, server } = await paused();
        const closed = closing(connection);
        await server?.close();
        expect((await closed)[0]).toBe(1001);
      },
    );
  },
);

describe.each(SERVER_CARRIERS)("over %s, a client that leaves while authenticate() is asynchronous", (carrier) => {
  async function leaving(leave: "end" | "destroy") {
    const events: string[] = [];
    let settle = () => {};
    const asked = new Promise<void>((resolve) => {
      settle = resolve;
    });
    let decide: (auth: string) => void = () => {};
    const authenticate = () => {
      settle();
      return new Promise<string>((resolve) => {
        decide = resolve;
      });
    };
    const { server, port } = await listening<string>(carrier, { authenticate, pingInterval: 0 });
    const connected: Connection<unknown>[] = [];
    server.on("connection", (connection) => {
      connected.push(connection);
      connection.on("close", (code) => events.push(`close ${code}`));
    });
    const secure = isSecure(carrier) ? { ca: (await makeCertificate()).cert } : {};
    const peer = await openRaw(port, secure);
    peer.send(upgrade());
    await asked;
    peer.socket[leave]();
    await once(peer.socket, leave === "end" ? "finish" : "close");
    await turns();
    decide("somebody");
    await turns();
    return { events, connected, server };
  }

  test.each(["end", "destroy"] as const)(
    "a client that leaves by %s() while authenticate() is pending gets no connection",
    async (leave) => {
      const { events, connected, server } = await leaving(leave);
      expect(connected).toEqual([]);
      expect(events).toEqual([]);
      expect(server.connections.size).toBe(0);
    },
  );
});
