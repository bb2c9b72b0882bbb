import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished } from "vitest";
import { WireTap } from "../../examples/demo/wire-tap.mjs";

/** Two ends of one TCP connection, with a tap on the second one, and the chunks that the tap has reported. */
async function tapped() {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = connect({ ...(server.address() as { port: number }), host: "127.0.0.1", allowHalfOpen: true });
  const [socket] = (await once(server, "connection")) as [Socket];
  const reported: string[] = [];
  const tap = new WireTap(socket, {
    inbound: (bytes) => reported.push(`in ${bytes}`),
    outbound: (bytes) => reported.push(`out ${bytes}`),
  });
  onTestFinished(() => {
    peer.destroy();
    tap.destroy();
    server.close();
  });
  return { peer, socket, tap, reported };
}

/** Reads until the end. Unlike an iterator it leaves the other direction open. */
async function text(stream: Duplex): Promise<string> {
  let all = "";
  stream.on("data", (chunk) => (all += chunk));
  await once(stream, "end");
  return all;
}

describe("WireTap", () => {
  it("WireTap passes bytes in both directions, and reports each chunk before it passes it on", async () => {
    const { peer, tap, reported } = await tapped();
    peer.write("hello");
    const [chunk] = await once(tap, "data");
    expect(reported).toEqual(["in hello"]);
    expect(chunk.toString()).toBe("hello");
    tap.write("welcome");
    expect(String((await once(peer, "data"))[0])).toBe("welcome");
    expect(reported).toEqual(["in hello", "out welcome"]);
  });

  it("WireTap passes the end of each direction on, independently of the other", async () => {
    const { peer, tap } = await tapped();
    peer.end("the end");
    expect(await text(tap)).toBe("the end");
    tap.end("goodbye");
    expect(await text(peer)).toBe("goodbye");
  });

  it("WireTap keeps bytes that arrived before the end for a late reader", async () => {
    const { peer, socket, tap } = await tapped();
    socket.resume();
    peer.end("early");
    await once(socket, "end");
    tap.end();
    expect(await text(tap)).toBe("early");
  });

  it("WireTap stops reading from the socket if nobody reads from it", async () => {
    const { peer, socket, tap } = await tapped();
    tap.on("readable", () => {});
    while (peer.write(Buffer.alloc(1 << 16))) await new Promise(setImmediate);
    await expect.poll(() => socket.isPaused()).toBe(true);
    expect(tap.readableLength).toBeLessThan(1 << 20);
  });

  it("WireTap destroys the socket when it is destroyed, and is destroyed when the socket is", async () => {
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
