import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { WireTap } from "../../examples/demo/wire-tap.mjs";

/** Two ends of one TCP connection, the second of them tapped, and what the tap has told. */
async function tapped() {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = connect({ ...(server.address() as { port: number }), host: "127.0.0.1", allowHalfOpen: true });
  const [socket] = (await once(server, "connection")) as [Socket];
  const told: string[] = [];
  const tap = new WireTap(socket, {
    inbound: (bytes) => told.push(`in ${bytes}`),
    outbound: (bytes) => told.push(`out ${bytes}`),
  });
  onTestFinished(() => {
    peer.destroy();
    tap.destroy();
    server.close();
  });
  return { peer, socket, tap, told };
}

/** All that comes until the end; unlike an iterator it leaves the other way open. */
async function text(stream: Duplex): Promise<string> {
  let all = "";
  stream.on("data", (chunk) => (all += chunk));
  await once(stream, "end");
  return all;
}

describe("WireTap", () => {
  it("a WireTap passes bytes both ways, and reports them before it passes them", async () => {
    const { peer, tap, told } = await tapped();
    peer.write("hello");
    const [chunk] = await once(tap, "data");
    expect(told).toEqual(["in hello"]);
    expect(chunk.toString()).toBe("hello");
    tap.write("welcome");
    expect(String((await once(peer, "data"))[0])).toBe("welcome");
    expect(told).toEqual(["in hello", "out welcome"]);
  });

  it("a WireTap passes an end on, in each direction by itself", async () => {
    const { peer, tap } = await tapped();
    peer.end("last words");
    expect(await text(tap)).toBe("last words");
    tap.end("goodbye");
    expect(await text(peer)).toBe("goodbye");
  });

  it("a WireTap gives what came before the end to a late reader", async () => {
    const { peer, socket, tap } = await tapped();
    socket.resume();
    peer.end("early");
    await once(socket, "end");
    tap.end();
    expect(await text(tap)).toBe("early");
  });

  it("a WireTap stops reading when nobody reads from it", async () => {
    const { peer, socket, tap } = await tapped();
    tap.on("readable", () => {});
    while (peer.write(Buffer.alloc(1 << 16))) await new Promise(setImmediate);
    await expect.poll(() => socket.isPaused()).toBe(true);
    expect(tap.readableLength).toBeLessThan(1 << 20);
  });

  it("a WireTap cuts the socket off when it is destroyed, and ends when the socket is cut off", async () => {
    const first = await tapped();
    first.peer.resume();
    first.tap.destroy();
    await once(first.peer, "end");

    const second = await tapped();
    const closed = once(second.tap, "close");
    second.socket.destroy();
    await closed;
    expect(second.tap.destroyed).toBe(true);
  });
});
