/**
 * Both ends of a connection in one process, over a Duplex that passes on within a write what it is given: what one end
 * sends is read by the other before `send()` returns, and answers arrive in the middle of a read.
 */
import { Duplex } from "node:stream";
import { TLSSocket, connect as tlsConnect } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { Connection, connectionListener } from "../../src/connection/connection.ts";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { EndpointGroup } from "../../src/endpoint/endpoint-group.ts";
import { resolveSettings } from "../../src/endpoint/settings.ts";
import { SocketTransport } from "../../src/node/socket-transport.ts";
import { makeCertificate } from "../support/certificate.ts";

/** One end of a pair: whatever is written to it, the other end has read when the write returns. */
class SynchronousDuplex extends Duplex {
  peer: SynchronousDuplex | null = null;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.peer?.push(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.peer?.push(null);
    done();
  }
}

function synchronousPair(): [SynchronousDuplex, SynchronousDuplex] {
  const one = new SynchronousDuplex();
  const other = new SynchronousDuplex();
  one.peer = other;
  other.peer = one;
  return [one, other];
}

async function encryptedPair(): Promise<[Duplex, Duplex]> {
  const { key, cert } = await makeCertificate();
  const [one, other] = synchronousPair();
  const server = new TLSSocket(one, { isServer: true, key, cert });
  const client = tlsConnect({ socket: other, ca: cert, host: "localhost" });
  await new Promise((resolve) => client.once("secureConnect", resolve));
  return [server, client];
}

function connectionOver(socket: Duplex, role: "server" | "client") {
  const group = new EndpointGroup(role, resolveSettings({ maxBufferedAmount: 1 << 30 }), connectionListener);
  const endpoint = new Endpoint(new SocketTransport(socket), null, group);
  const connection = new Connection(endpoint, { protocol: "", extensions: "", pipeline: null }, undefined);
  onTestFinished(() => connection.terminate());
  return { connection, start: () => endpoint.start(Buffer.alloc(0)) };
}

/** They are replaced by different bytes. */
const COUNT = 100;
const LONG = 70_000;

const pairs = { "a Duplex": async () => synchronousPair(), "TLS over a Duplex": encryptedPair };

describe.each(Object.entries(pairs))("over %s whose two ends are in one process", (_, makePair) => {
  test("long answers to a burst, written in the middle of a read, and the burst itself arrive whole and in order", async () => {
    const [one, other] = await makePair();
    const { connection: server, start: startServer } = connectionOver(one, "server");
    const { connection: client, start: startClient } = connectionOver(other, "client");
    const asked: number[] = [];
    const answers: Buffer[] = [];
    const thanks: number[] = [];
    let done = () => {};
    server.on("message", (data) => {
      if (data.length === LONG) thanks.push(...new Set(data as Buffer));
      else asked.push(...new Set(data as Buffer));
      if (data.length < LONG) server.send(Buffer.alloc(LONG, data[0]));
      if (thanks.length === COUNT) done();
    });
    const all = new Promise<void>((resolve, reject) => {
      done = resolve;
      client.on("message", (data) => {
        answers.push(data as Buffer);
        // Long enough to be written at once: it reaches the other end while that is in the middle of a chunk.
        client.send(Buffer.alloc(LONG, answers.length));
      });
      client.on("error", reject);
      server.on("error", reject);
    });
    startServer();
    startClient();
    for (let i = 0; i < COUNT; i++) client.send(Buffer.alloc(500, i));
    await all;
    const numbers = Array.from({ length: COUNT }, (__, i) => i);
    expect(asked).toEqual(numbers);
    expect(answers.map((answer) => [answer.length, ...new Set(answer)])).toEqual(numbers.map((i) => [LONG, i]));
    expect(thanks).toEqual(numbers.map((i) => i + 1));
  });
});
