import { once } from "node:events";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import type { TransportListener } from "../../src/endpoint/transport.ts";
import { SocketTransport } from "../../src/node/socket-transport.ts";
import { makeCertificate } from "../support/certificate.ts";

/** Records what a transport reports. */
class Recorder implements TransportListener {
  readonly events: string[] = [];
  received = Buffer.alloc(0);
  drains = 0;
  error: Error | null = null;
  #watchers: (() => void)[] = [];

  onData(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    // As a connection does, which unmasks where the bytes lie.
    chunk.fill(0xee);
    this.#note("data");
  }

  onDrain(): void {
    this.drains++;
    this.#note("drain");
  }

  onEnd(): void {
    this.#note("end");
  }

  onClose(error: Error | null): void {
    this.error = error;
    this.#note("close");
  }

  #note(event: string): void {
    if (this.events.at(-1) !== event) this.events.push(event);
    for (const watcher of this.#watchers) watcher();
  }

  async until(condition: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => condition() && resolve();
      this.#watchers.push(look);
      look();
    });
  }
}

type Pair = readonly [Duplex, Duplex];

/** Both ends of a TCP or TLS connection over loopback. */
async function sockets(tls: boolean): Promise<Pair> {
  const { key, cert } = await makeCertificate();
  const server = tls ? createTlsServer({ key, cert, allowHalfOpen: true }) : createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const accepted = once(server, tls ? "secureConnection" : "connection");
  const where = { port, host: "127.0.0.1", allowHalfOpen: true };
  const theirs: Socket = tls ? connectTls({ ...where, ca: cert }) : connectTcp(where);
  const [ours] = (await accepted) as [Socket];
  if (tls && !theirs.readyState.startsWith("open")) await once(theirs, "secureConnect");
  return finish(ours, theirs, () => server.close());
}

/** Two ends that pass on the chunks that they are given themselves, a turn later. */
class End extends Duplex {
  other: End | null = null;
  readonly kept: { chunk: Buffer; copy: Buffer }[] = [];

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, callback: () => void): void {
    this.kept.push({ chunk, copy: Buffer.from(chunk) });
    setImmediate(() => {
      this.other?.push(chunk);
      callback();
    });
  }

  override _final(callback: () => void): void {
    this.other?.push(null);
    callback();
  }
}

async function ends(): Promise<Pair> {
  const [ours, theirs] = [new End(), new End()];
  ours.other = theirs;
  theirs.other = ours;
  return finish(ours, theirs, () => {});
}

function finish(ours: Duplex, theirs: Duplex, close: () => void): Pair {
  theirs.on("error", () => {});
  onTestFinished(() => {
    ours.destroy();
    theirs.destroy();
    close();
  });
  return [ours, theirs];
}

async function collected(stream: Duplex, length: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sum = 0;
  while (sum < length) {
    const [chunk] = (await once(stream, "data")) as [Buffer];
    chunks.push(Buffer.from(chunk));
    sum += chunk.length;
  }
  return Buffer.concat(chunks);
}

describe.each([
  ["TCP", () => sockets(false)],
  ["TLS", () => sockets(true)],
  ["another Duplex", ends],
])("a transport over %s", (kind, makePair) => {
  async function started(): Promise<{ transport: SocketTransport; listener: Recorder; ours: Duplex; theirs: Duplex }> {
    const [ours, theirs] = await makePair();
    const transport = new SocketTransport(ours);
    const listener = new Recorder();
    transport.start(listener);
    return { transport, listener, ours, theirs };
  }

  it("a transport reports what arrives, and its end", async () => {
    const { listener, theirs } = await started();
    theirs.write("hello ");
    theirs.end("world");
    await listener.until(() => listener.events.includes("end"));
    expect(listener.received.toString()).toBe("hello world");
    expect(listener.events).toEqual(["data", "end"]);
  });

  it("a transport reads although this node cannot read into shared memory", async () => {
    const [ours, theirs] = await makePair();
    const { _handle: handle } = ours as { _handle?: { useUserBuffer: unknown } };
    if (handle !== undefined) handle.useUserBuffer = undefined;
    const listener = new Recorder();
    new SocketTransport(ours).start(listener);
    theirs.end("as ever");
    await listener.until(() => listener.events.includes("end"));
    expect(listener.received.toString()).toBe("as ever");
  });

  it("a transport reports what was read before it was started in front of the rest", async () => {
    const [ours, theirs] = await makePair();
    ours.pause();
    theirs.write("early ");
    ours.read(0);
    await once(ours, "readable");
    expect(ours.readableLength).toBe(6);
    ours.removeAllListeners("readable");
    const listener = new Recorder();
    new SocketTransport(ours).start(listener);
    theirs.end("and late");
    await listener.until(() => listener.events.includes("end"));
    expect(listener.received.toString()).toBe("early and late");
  });

  it("a transport reports chunks that the listener may change", async () => {
    const { listener, theirs } = await started();
    const chunk = Buffer.from("their own");
    theirs.write(chunk);
    await listener.until(() => listener.received.length === chunk.length);
    expect(chunk.toString()).toBe("their own");
    if (theirs instanceof End) for (const { chunk: kept, copy } of theirs.kept) expect(kept.equals(copy)).toBe(true);
  });

  it("a transport reports nothing before it is started, and loses nothing meanwhile", async () => {
    const [ours, theirs] = await makePair();
    const transport = new SocketTransport(ours);
    theirs.end("early");
    await once(theirs, "finish");
    const listener = new Recorder();
    transport.start(listener);
    await listener.until(() => listener.events.includes("end"));
    expect(listener.received.toString()).toBe("early");
  });

  it("a transport reports a drain that came before it was started", async () => {
    const [ours, theirs] = await makePair();
    const transport = new SocketTransport(ours);
    const bytes = Buffer.alloc(1 << 20, 5);
    const all = collected(theirs, bytes.length);
    transport.write(bytes);
    const waits = transport.pendingBytes > 0;
    expect((await all).equals(bytes)).toBe(true);
    if (transport.pendingBytes > 0) await once(ours, "drain");
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    const listener = new Recorder();
    transport.start(listener);
    if (waits) await listener.until(() => listener.drains > 0);
    expect(transport.pendingBytes).toBe(0);
  });

  it("a transport releases memory only when it may be used again", async () => {
    const { transport, listener, theirs } = await started();
    const sizes = [1, 10, 500, 20_000, 100_000, 3, 1_000_000, 7, 7, 300_000];
    const expected = Buffer.concat(sizes.map((size, index) => Buffer.alloc(size, index + 1)));
    const all = collected(theirs, expected.length);
    for (const [index, size] of sizes.entries()) {
      const bytes = Buffer.alloc(size, index + 1);
      const half = size >> 1;
      const outcome =
        index % 2 === 0 ? transport.write(bytes) : transport.writeAll([bytes.subarray(0, half), bytes.subarray(half)]);
      if (outcome !== "held") bytes.fill(0xff);
    }
    expect((await all).equals(expected)).toBe(true);
    if (transport.pendingBytes > 0) await listener.until(() => transport.pendingBytes === 0 && listener.drains > 0);
    if (kind === "another Duplex") expect((theirs as End).kept).toEqual([]);
  });

  it("a transport reports a drain after each write that had to wait", async () => {
    const { transport, listener, theirs } = await started();
    for (let round = 1; round <= 3; round++) {
      const bytes = Buffer.alloc(8 << 20, round);
      const all = collected(theirs, bytes.length);
      const before = listener.drains;
      transport.write(bytes);
      expect(transport.pendingBytes).toBeGreaterThan(0);
      await all;
      await listener.until(() => listener.drains > before);
      expect(transport.pendingBytes).toBe(0);
    }
  });

  it.skipIf(kind === "another Duplex")(
    "a transport counts what the peer takes of a long write while it goes on",
    async () => {
      const { transport, theirs } = await started();
      const length = 16 << 20;
      transport.write(Buffer.alloc(length));
      const seen: number[] = [transport.pendingBytes];
      theirs.on("data", () => {
        if (transport.pendingBytes !== seen.at(-1)) seen.push(transport.pendingBytes);
      });
      await new Promise<void>((resolve) => {
        let received = 0;
        theirs.on("data", (chunk: Buffer) => {
          received += chunk.length;
          if (received === length) resolve();
        });
      });
      expect(seen.length).toBeGreaterThan(2);
      expect(seen).toEqual([...seen].sort((a, b) => b - a));
    },
  );

  it("a transport reports no drain after a write that has failed, and its error with the close", async () => {
    const { transport, listener, ours } = await started();
    transport.write(Buffer.alloc(16 << 20));
    transport.write(Buffer.alloc(1 << 20));
    ours.destroy(new Error("unplugged"));
    expect(transport.write(Buffer.from("late"))).toBe("lost");
    await listener.until(() => listener.events.includes("close"));
    await new Promise(setImmediate);
    expect([listener.drains, listener.error?.message]).toEqual([0, "unplugged"]);
  });

  it("a transport reports a drain after pieces that had to wait", async () => {
    const { transport, listener, theirs } = await started();
    const bytes = Buffer.alloc(8 << 20, 1);
    const all = collected(theirs, bytes.length);
    transport.writeAll([bytes.subarray(0, 100), bytes.subarray(100)]);
    expect(transport.pendingBytes).toBeGreaterThan(0);
    expect((await all).equals(bytes)).toBe(true);
    await listener.until(() => listener.drains > 0);
  });

  it("a transport pauses and resumes", async () => {
    const { transport, listener, ours, theirs } = await started();
    transport.pause();
    expect(ours.isPaused()).toBe(true);
    theirs.write("later");
    await new Promise(setImmediate);
    expect(listener.received.length).toBe(0);
    transport.resume();
    await listener.until(() => listener.received.length === 5);
    for (const text of ["and ", "again"]) {
      transport.pause();
      theirs.write(text);
      await new Promise(setImmediate);
      transport.resume();
    }
    await listener.until(() => listener.received.length === 14);
    expect(listener.received.toString()).toBe("laterand again");
  });

  it("a transport sends everything before it ends", async () => {
    const { transport, listener, theirs } = await started();
    const bytes = Buffer.alloc(4 << 20, 9);
    const all = collected(theirs, bytes.length);
    const ended = once(theirs, "end");
    transport.write(bytes);
    transport.end();
    expect((await all).length).toBe(bytes.length);
    await ended;
    theirs.end();
    await listener.until(() => listener.events.includes("close"));
    expect(listener.error).toBeNull();
  });

  it("a transport writes nothing after the end, and reports the bytes as lost", async () => {
    const { transport, theirs } = await started();
    const ended = once(theirs, "end");
    transport.end();
    expect(transport.write(Buffer.from("late"))).toBe("lost");
    expect(transport.writeAll([Buffer.from("la"), Buffer.from("te")])).toBe("lost");
    let late = "";
    theirs.on("data", (chunk: Buffer) => {
      late += chunk;
    });
    await ended;
    expect(late).toBe("");
  });

  it("a transport reports its close after it is destroyed", async () => {
    const { transport, listener } = await started();
    transport.destroy();
    await listener.until(() => listener.events.includes("close"));
    expect(listener.error).toBeNull();
  });

  it("a transport reports the error that ended it, which needs no other listener", async () => {
    const { listener, ours } = await started();
    ours.destroy(new Error("unplugged"));
    await listener.until(() => listener.events.includes("close"));
    expect(listener.error?.message).toBe("unplugged");
  });

  it("a transport that is started after its close reports it", async () => {
    const [ours] = await makePair();
    const transport = new SocketTransport(ours);
    ours.destroy(new Error("unplugged"));
    await once(ours, "close").catch(() => {});
    if (!ours.closed) await new Promise((resolve) => ours.once("close", resolve));
    const listener = new Recorder();
    transport.start(listener);
    expect(listener.events).toEqual([]);
    await listener.until(() => listener.events.includes("close"));
    expect(listener.error?.message).toBe("unplugged");
  });

  it("a transport has the peer's address if there is one", async () => {
    const { transport } = await started();
    expect(transport.remoteAddress).toBe(kind === "another Duplex" ? undefined : "127.0.0.1");
  });
});

describe("transports over TCP", () => {
  it("a transport over TCP reports a reset as an error", async () => {
    const [ours, theirs] = await sockets(false);
    const transport = new SocketTransport(ours);
    const listener = new Recorder();
    transport.start(listener);
    (theirs as Socket).resetAndDestroy();
    await listener.until(() => listener.events.includes("close"));
    expect(listener.error).toMatchObject({ code: "ECONNRESET" });
  });

  it("an idle socket has listeners that all sockets share", async () => {
    const [[a], [b]] = [await sockets(false), await sockets(false)];
    const [before] = [a.listeners("data").length];
    for (const socket of [a, b]) new SocketTransport(socket).start(new Recorder());
    for (const event of ["data", "end", "error", "close"]) {
      expect(a.listeners(event).at(-1)).toBe(b.listeners(event).at(-1));
    }
    expect(before).toBe(0);
  });
});
