import { once } from "node:events";
import { connect as connectTcp, createServer, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { type OnRead, readIntoSharedBuffer } from "../../src/node/shared-read-buffer.ts";
import { makeCertificate } from "../support/certificate.ts";

async function accepted(tls: boolean): Promise<readonly [Socket, Socket]> {
  const { key, cert } = await makeCertificate();
  const server = tls ? createTlsServer({ key, cert }) : createServer({ pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const arrived = once(server, tls ? "secureConnection" : "connection");
  const theirs: Socket = tls ? connectTls({ port, host: "127.0.0.1", ca: cert }) : connectTcp(port, "127.0.0.1");
  const [ours] = (await arrived) as [Socket];
  onTestFinished(() => {
    theirs.destroy();
    ours.destroy();
    server.close();
  });
  return [ours, theirs];
}

/** Keeps what is read, and from which memory it came. */
function recorder() {
  const read: Buffer[] = [];
  const memory = new Set<ArrayBufferLike>();
  const waiting: (() => void)[] = [];
  const onRead: OnRead = (length, buffer) => {
    memory.add(buffer.buffer);
    read.push(Buffer.from(buffer.subarray(0, length)));
    for (const look of waiting) look();
  };
  const until = (length: number) =>
    new Promise<string>((resolve) => {
      const look = () => {
        const all = Buffer.concat(read);
        if (all.length >= length) resolve(all.toString("latin1"));
      };
      waiting.push(look);
      look();
    });
  return { onRead, memory, until };
}

describe.each([
  ["TCP", false],
  ["TLS", true],
])("an accepted socket over %s", (_, tls) => {
  it("an accepted socket reads into the memory that all share, on every node that is supported", async () => {
    const { onRead, memory, until } = recorder();
    for (const text of ["one", "two"]) {
      const [ours, theirs] = await accepted(tls);
      expect(readIntoSharedBuffer(ours, onRead)).toBe(true);
      ours.resume();
      theirs.write(text);
      await until(text === "one" ? 3 : 6);
    }
    expect(await until(6)).toBe("onetwo");
    expect(memory.size).toBe(1);
  });

  it("a socket with the shared read buffer reads a long run of bytes in order, and ends", async () => {
    const [ours, theirs] = await accepted(tls);
    const { onRead, until } = recorder();
    readIntoSharedBuffer(ours, onRead);
    const ended = once(ours, "end");
    ours.resume();
    const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, index) => (index * 7 + (index >> 9)) & 0xff));
    theirs.end(bytes);
    expect(await until(bytes.length)).toBe(bytes.toString("latin1"));
    await ended;
  });

  it("a socket that has a read buffer of its own keeps it", async () => {
    const [ours] = await accepted(tls);
    const { onRead } = recorder();
    expect(readIntoSharedBuffer(ours, onRead)).toBe(true);
    expect(readIntoSharedBuffer(ours, onRead)).toBe(false);
  });

  it("a socket keeps its own reads if this node has no such part", async () => {
    const [ours, theirs] = await accepted(tls);
    const { _handle: handle } = ours as unknown as { _handle: { useUserBuffer: unknown } };
    handle.useUserBuffer = undefined;
    expect(readIntoSharedBuffer(ours, recorder().onRead)).toBe(false);
    const data = once(ours, "data");
    ours.resume();
    theirs.write("as ever");
    expect(String(await data)).toBe("as ever");
  });

  it("a socket that is destroyed is left unchanged", async () => {
    const [ours] = await accepted(tls);
    ours.destroy();
    await once(ours, "close");
    expect(readIntoSharedBuffer(ours, recorder().onRead)).toBe(false);
  });
});
