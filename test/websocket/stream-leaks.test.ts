/** What is left of WebSocketStreams that have ended. It needs a process of its own: others leave objects behind. */
import { getEventListeners, once } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Connection, WebSocketStream } from "../../src/index.ts";
import { turn } from "../support/connection-harness.ts";
import { watchResources } from "../support/resources.ts";
import { echo, serve } from "../support/servers.ts";
import { settled } from "../support/stream-harness.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const COUNT = 20;
const PATIENCE = 50;

/** How many of the objects are still there after garbage was collected again and again. */
async function surviving(references: readonly WeakRef<object>[]): Promise<number> {
  let count = references.length;
  for (let round = 0; round < PATIENCE && count > 0; round++) {
    await turn();
    collectGarbage();
    count = references.filter((each) => each.deref() !== undefined).length;
  }
  return count;
}

/** The ways in which a connection ends, its streams locked. */
const ENDS: readonly [string, (stream: WebSocketStream, connection: Connection) => void][] = [
  ["the application closes", (stream) => stream.close()],
  ["the server closes", (_stream, connection) => connection.close(1000)],
  ["is cut off with a read waiting", (_stream, connection) => connection.terminate()],
];

test.each(ENDS)("nothing is left of a stream that %s", async (_how, end) => {
  const { server, url } = await serve();
  echo(server);
  const controller = new AbortController();
  const checkResources = watchResources();
  const references: WeakRef<object>[] = [];

  async function useOne(): Promise<void> {
    const accepted = once(server, "connection") as Promise<[Connection]>;
    const stream = new WebSocketStream(url, { signal: controller.signal });
    const { readable, writable } = await stream.opened;
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    await writer.write("one");
    expect((await reader.read()).value).toBe("one");
    void settled(reader.read());
    void settled(writer.closed);
    void settled(writer.ready);
    void settled(reader.closed);
    const [connection] = await accepted;
    references.push(...[stream, readable, writable, reader, writer].map((each) => new WeakRef(each)));
    end(stream, connection);
    await settled(stream.closed);
  }

  for (let count = 0; count < COUNT; count++) await useOne();
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  expect(await surviving(references)).toBe(0);
  await checkResources();
});

test("a stream that nobody refers to lives as long as its connection, and goes with it", async () => {
  const { server, url } = await serve();
  const accepted = once(server, "connection") as Promise<[Connection]>;
  const received: unknown[] = [];

  async function openAndForget(): Promise<WeakRef<object>> {
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    void readable.pipeTo(new WritableStream({ write: (chunk) => void received.push(chunk) })).catch(() => {});
    return new WeakRef(stream);
  }

  const reference = await openAndForget();
  const [connection] = await accepted;
  collectGarbage();
  connection.send("still here");
  await expect.poll(() => received, { timeout: 60_000 }).toEqual(["still here"]);
  connection.close(1000);
  expect(await surviving([reference])).toBe(0);
});
