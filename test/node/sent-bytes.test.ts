/** What the application does with its bytes after `send()` must not change what the peer receives. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BinaryData, type Connection, prepare } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { open, serve } from "../support/servers.ts";

const MIB = 1 << 20;
const RUNS = Number(process.env["FC_RUNS"] ?? 5);

interface Resizable extends ArrayBuffer {
  resize(length: number): void;
}
type ResizableConstructor = new (length: number, options: { maxByteLength: number }) => Resizable;

/** Bytes as an application has them, and how it can take them away again. */
interface Form {
  readonly name: string;
  make(length: number): { readonly data: BinaryData; readonly ruin: () => void };
}

function transfer(buffer: ArrayBufferLike): void {
  structuredClone(buffer, { transfer: [buffer as ArrayBuffer] });
}

const FORMS: readonly Form[] = [
  {
    name: "a Buffer that is overwritten",
    make: (length) => {
      const data = randomBytes(length);
      return { data, ruin: () => data.fill(0xee) };
    },
  },
  {
    name: "an ArrayBuffer that is transferred",
    make: (length) => {
      const data = new Uint8Array(randomBytes(length)).buffer;
      return { data, ruin: () => transfer(data) };
    },
  },
  {
    name: "a view whose memory is transferred",
    make: (length) => {
      const bytes = new Uint8Array(length + 6);
      bytes.set(randomBytes(length), 3);
      return { data: new DataView(bytes.buffer, 3, length), ruin: () => transfer(bytes.buffer) };
    },
  },
  {
    name: "a resizable ArrayBuffer that is emptied",
    make: (length) => {
      const buffer = new (ArrayBuffer as unknown as ResizableConstructor)(length, { maxByteLength: length + 1 });
      new Uint8Array(buffer).set(randomBytes(length));
      return { data: buffer, ruin: () => buffer.resize(0) };
    },
  },
  {
    name: "a view that follows the length of an ArrayBuffer that grows",
    make: (length) => {
      const buffer = new (ArrayBuffer as unknown as ResizableConstructor)(length, { maxByteLength: length * 2 + 10 });
      const data = new Uint8Array(buffer);
      data.set(randomBytes(length));
      return { data, ruin: () => buffer.resize(length * 2 + 10) };
    },
  },
  {
    name: "a SharedArrayBuffer that is overwritten",
    make: (length) => {
      const data = new SharedArrayBuffer(length);
      new Uint8Array(data).set(randomBytes(length));
      return { data, ruin: () => new Uint8Array(data).fill(0xee) };
    },
  },
];

const BY_NAME = new Map(FORMS.map((form) => [form.name, form]));

function copyOf(data: BinaryData): Buffer {
  return ArrayBuffer.isView(data)
    ? Buffer.from(Buffer.from(data.buffer, data.byteOffset, data.byteLength))
    : Buffer.from(Buffer.from(data));
}

interface Pair {
  readonly sender: Connection<unknown>;
  readonly receiver: Connection<unknown>;
}

async function pair(role: "server" | "client", secure: boolean, compresses: boolean): Promise<Pair> {
  const options = { perMessageDeflate: compresses, maxBufferedAmount: 64 * MIB, maxQueuedAmount: 1000 };
  const certificate = await makeCertificate();
  const { server, url } = await serve({ ...options, ...(secure ? { tls: certificate } : {}) });
  const accepted = once(server, "connection") as Promise<[Connection<unknown>]>;
  const client = await open(url, { ...options, ...(secure ? { tls: { ca: certificate.cert } } : {}) });
  const [connection] = await accepted;
  return role === "server" ? { sender: connection, receiver: client } : { sender: client, receiver: connection };
}

/** Takes messages until the one that says that it is the last. */
async function receiveAll(receiver: Connection<unknown>): Promise<Buffer[]> {
  const received: Buffer[] = [];
  for await (const message of receiver) {
    if (message === "last") break;
    received.push(message as Buffer);
  }
  return received;
}

const KINDS = [true, false].flatMap((secure) =>
  [false, true].flatMap((compresses) => (["server", "client"] as const).map((role) => ({ role, secure, compresses }))),
);

describe.each(KINDS)("as $role, TLS: $secure, compression: $compresses", ({ role, secure, compresses }) => {
  it.each(FORMS)("bytes that are ruined right after send() arrive unchanged: $name", async ({ make }) => {
    const { sender, receiver } = await pair(role, secure, compresses);
    const all = receiveAll(receiver);
    const expected: Buffer[] = [];
    for (const length of [100, 16_384, 16_385, 40_000, 65_536, 65_537, 131_080, MIB]) {
      const { data, ruin } = make(length);
      expected.push(copyOf(data));
      sender.send(data);
      ruin();
    }
    sender.send("last");
    const received = await all;
    expect(received.map((message, index) => message.equals(expected[index] as Buffer))).toEqual(
      expected.map(() => true),
    );
  });

  it("bytes that are ruined right after send() arrive unchanged, also while the peer does not read", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            form: fc.constantFrom(...BY_NAME.keys()),
            length: fc.oneof(fc.nat(300_000), fc.constantFrom(16_385, 65_536, 65_537, 131_072, 2 * MIB)),
            isPrepared: fc.boolean(),
            compress: fc.constantFrom(true, false, undefined),
            turns: fc.boolean(),
          }),
          { minLength: 1, maxLength: 25 },
        ),
        async (steps) => {
          const { sender, receiver } = await pair(role, secure, compresses);
          const expected: Buffer[] = [];
          receiver.pause();
          for (const { form, length, isPrepared, compress, turns } of steps) {
            const { data, ruin } = (BY_NAME.get(form) as Form).make(length);
            expected.push(copyOf(data));
            sender.send(isPrepared ? prepare(data, { compress }) : data, { compress });
            ruin();
            if (turns) await new Promise(setImmediate);
          }
          sender.send("last");
          receiver.resume();
          const received = await receiveAll(receiver);
          expect(received.length).toBe(expected.length);
          expect(received.every((message, index) => message.equals(expected[index] as Buffer))).toBe(true);
          sender.terminate();
        },
      ),
      { numRuns: RUNS },
    );
  });
});
