/** The codecs of both sides keep to the agreed parameters (RFC 7692 section 7.2), with plain zlib as the peer. */
import { constants, createInflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  type ExtensionDeclaration,
  type ExtensionParam,
  type PerMessageDeflateOptions,
  parseExtensionHeader,
  permessageDeflate,
} from "../../../src/extensions/index.ts";
import type { DeflateCodec } from "../../../src/extensions/permessage-deflate/deflate-codec.ts";
import { decoded, encoded, MAX_PAYLOAD, noise, wordy } from "./codecs.ts";
import { FAR, FAR_PAYLOAD, FROM_AFAR } from "./far-reference.ts";

const TAIL = Buffer.from([0, 0, 0xff, 0xff]);

function paramsOf(text: string): readonly ExtensionParam[] {
  const [declaration] = parseExtensionHeader(`x; ${text}`.replace(/; $/, "")) as readonly ExtensionDeclaration[];
  return declaration?.params ?? [];
}

/** The codec of a server that received this offer. */
function server(offer: string, options: PerMessageDeflateOptions = {}): DeflateCodec {
  const negotiated = permessageDeflate({ threshold: 0, ...options }).answer(paramsOf(offer));
  return negotiated?.open(MAX_PAYLOAD) as DeflateCodec;
}

/** The codec of a client that received this answer. */
function client(answer: string, options: PerMessageDeflateOptions = {}): DeflateCodec {
  const negotiated = permessageDeflate({ threshold: 0, ...options }).agree(paramsOf(answer));
  if (typeof negotiated === "string") throw new Error(negotiated);
  return negotiated.open(MAX_PAYLOAD) as DeflateCodec;
}

const inflatedAlone = (payload: Buffer) =>
  inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });

/** The payloads of messages that are all compressed. */
async function sentBy(from: DeflateCodec, messages: readonly Buffer[]): Promise<Buffer[]> {
  const payloads: Buffer[] = [];
  for (const message of messages) payloads.push((await encoded(from, message)) as Buffer);
  return payloads;
}

/** The messages, inflated with a window of this size; `null` if one refers further back. */
function readWithin(windowBits: number, payloads: readonly Buffer[]): Promise<Buffer | null> {
  // With a short output buffer zlib can look back into little more than its window.
  const strict = createInflateRaw({ windowBits, chunkSize: 64 });
  const output: Buffer[] = [];
  strict.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve) => {
    strict.on("error", () => resolve(null));
    strict.write(Buffer.concat(payloads.flatMap((payload) => [payload, TAIL])));
    strict.flush(constants.Z_SYNC_FLUSH, () => resolve(Buffer.concat(output)));
  });
}

/** The second message can refer to the first one. The third one is compressed in zlib's threads. */
const MESSAGES = [wordy(3000), wordy(3000), wordy(100_000, 2), wordy(3000), wordy(3000)];

describe("no context takeover", () => {
  test.each([
    ["a server that received the request", () => server("server_no_context_takeover")],
    ["a server that has answered so by its options", () => server("", { serverNoContextTakeover: true })],
    ["a client that received the request", () => client("client_no_context_takeover")],
    ["a client that has offered it, without an answer to that,", () => client("", { clientNoContextTakeover: true })],
  ])("RFC 7692 section 7.2.1: %s MUST start compressing each new message with an empty window", async (_, make) => {
    const payloads = await sentBy(make(), MESSAGES);
    for (const [index, payload] of payloads.entries()) {
      expect(inflatedAlone(payload).equals(MESSAGES[index] as Buffer)).toBe(true);
    }
  });

  test.each([
    ["a server", () => server("client_no_context_takeover")],
    ["a client", () => client("server_no_context_takeover")],
  ])("RFC 7692 section 7.2.1: no context takeover of the peer does not bind %s", async (_, make) => {
    const [first, second] = (await sentBy(make(), MESSAGES.slice(0, 2))) as [Buffer, Buffer];
    expect(second.length).toBeLessThan(first.length / 10);
  });

  test.each([
    ["a server", () => server("")],
    ["a server without context takeover of its own", () => server("server_no_context_takeover")],
    ["a client", () => client("")],
    ["a client without context takeover of its own", () => client("client_no_context_takeover")],
  ])(
    "RFC 7692 section 7.2.2: unless it was agreed, %s MUST decompress with the window of the last compressed message",
    async (_, make) => {
      const to = make();
      const message = wordy(3000);
      const first = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
      const second = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH, dictionary: message });
      expect(await decoded(to, first)).toEqual(message);
      expect(second.length).toBeLessThan(first.length / 10);
      expect(await decoded(to, second.subarray(0, -4))).toEqual(message);
    },
  );
});

describe("a smaller window", () => {
  const repeated = noise(600);
  const messages = [2, 3, 4].map((seed) => Buffer.concat([repeated, noise(3000, seed), repeated, wordy(500, seed)]));
  const bytes = Buffer.concat(messages);

  test.each([
    ["a server that received the request", () => server("server_max_window_bits=9")],
    ["a server that has answered so by its options", () => server("", { serverMaxWindowBits: 9 })],
    ["a client that received the request", () => client("client_max_window_bits=9")],
    ["a client that has offered it, without an answer to that,", () => client("", { clientMaxWindowBits: 9 })],
  ])("RFC 7692 section 7.2.1: %s MUST NOT compress with a larger window than agreed", async (_, make) => {
    const payloads = await sentBy(make(), messages);
    expect((await readWithin(9, payloads))?.equals(bytes)).toBe(true);
  });

  test.each([
    ["a server", () => server("client_max_window_bits=9")],
    ["a client", () => client("server_max_window_bits=9")],
  ])("RFC 7692 section 7.2.1: a smaller window of the peer does not bind %s", async (_, make) => {
    const payloads = await sentBy(make(), messages);
    expect(await readWithin(9, payloads)).toBe(null);
    expect((await readWithin(15, payloads))?.equals(bytes)).toBe(true);
  });

  test.each([
    ["a server", () => server("client_max_window_bits; server_max_window_bits=9")],
    ["a client", () => client("client_max_window_bits=9")],
  ])(
    "RFC 7692 section 7.2.2: unless it was agreed, %s MUST use a window of 32,768 bytes to decompress",
    async (_, make) => {
      const to = make();
      expect((await decoded(to, FAR_PAYLOAD)).toString("hex")).toBe(FAR.toString("hex"));
      expect(await decoded(to, FROM_AFAR)).toEqual(FAR.subarray(0, 258));
    },
  );
});
