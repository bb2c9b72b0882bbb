import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { WebSocketStream } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { turn } from "../support/connection-harness.ts";
import { CLOSE, decodeFrame, type FrameSpec, frame } from "../support/frames.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { runs } from "../support/runs.ts";
import { script, switching } from "../support/servers.ts";
import { Conversation, conversations, numbersIn, type StreamPeer } from "../support/stream-conversations.ts";
import { openStreams } from "../support/stream-harness.ts";

/** Turns of the event loop after which something that must happen counts as missing. */
const PATIENCE = 2_000;

async function turnsUntil(happened: () => boolean): Promise<void> {
  for (let count = 0; count < PATIENCE && !happened(); count++) await turn();
}

test.each(["holds", "goesOn"] as const)(
  "whatever both sides do, every promise is settled and nothing is lost or exchanged (a transport that %s after pause())",
  async (afterPause) => {
    await fc.assert(
      fc.asyncProperty(conversations, async (steps) => {
        const { streams, closed, transport, reader, writer, receive, sent } = await openStreams({ afterPause });
        reader.releaseLock();
        writer.releaseLock();
        const { readable, writable } = streams;
        const close = ({ closeCode: code, reason }: { closeCode: number; reason: string }) =>
          streams.close({ code, reason });
        const peer: StreamPeer = {
          send: receive,
          end: () => transport.peerEnd(),
          reset: () => transport.close(new Error("read ECONNRESET")),
          hold: () => transport.stick(),
          take: () => transport.drain(),
          turn,
          until: turnsUntil,
          get received() {
            return numbersIn(sent());
          },
          get hasClosed() {
            return transport.closed || transport.ended || sent().some(({ opcode }) => opcode === CLOSE);
          },
        };
        await new Conversation({ readable, writable, closed, close }, peer).run(steps);
      }),
      { numRuns: runs(5) },
    );
  },
);

/** A peer over a socket that reads all frames, in any pieces. */
class SocketPeer implements StreamPeer {
  readonly received: number[] = [];
  readonly #peer: RawPeer;
  #closeFrame = false;

  constructor(peer: RawPeer) {
    this.#peer = peer;
    peer.socket.on("data", () => this.#read());
  }

  get hasClosed(): boolean {
    return this.#closeFrame || this.#peer.ended || this.#peer.closed;
  }

  send(...frames: readonly FrameSpec[]): void {
    this.#peer.send(Buffer.concat(frames.map(frame)));
  }

  end(): void {
    this.#peer.socket.end();
  }

  reset(): void {
    this.#peer.socket.destroy();
  }

  hold(): void {
    this.#peer.socket.pause();
  }

  take(): void {
    this.#peer.socket.resume();
  }

  async turn(): Promise<void> {
    for (let count = 0; count < 20; count++) await turn();
  }

  async until(happened: () => boolean): Promise<void> {
    for (let count = 0; count < 500 && !happened(); count++) await this.turn();
  }

  #read(): void {
    for (let next = decodeFrame(this.#peer.received); next !== null; next = decodeFrame(this.#peer.received)) {
      if (BigInt(next.payload.length) < next.length) return;
      this.#peer.received = this.#peer.received.subarray(next.size);
      this.received.push(...numbersIn([next]));
      this.#closeFrame ||= next.opcode === CLOSE;
    }
  }
}

test.each(["TCP", "TLS"])(
  "whatever both sides do, every promise is settled and nothing is lost or exchanged (over %s)",
  async (carrier) => {
    const tls = carrier === "TLS" ? await makeCertificate() : undefined;
    let shaken: (peer: SocketPeer) => void = () => {};
    const { url, server, peers } = await script(async (peer) => {
      const request = await peer.head();
      shaken(new SocketPeer(peer));
      peer.send(Buffer.from(switching(request), "latin1"));
    }, tls);
    onTestFinished(() => {
      server.close();
    });
    await fc.assert(
      fc.asyncProperty(conversations, async (steps) => {
        const accepted = new Promise<SocketPeer>((resolve) => {
          shaken = resolve;
        });
        const stream = new WebSocketStream(url, tls === undefined ? {} : { tls: { ca: tls.cert } });
        const { readable, writable } = await stream.opened;
        const { closed } = stream;
        const close = stream.close.bind(stream);
        await new Conversation({ readable, writable, closed, close }, await accepted).run(steps);
        for (const peer of peers.splice(0)) peer.socket.destroy();
      }),
      { numRuns: runs(0.5) },
    );
    expect(peers).toEqual([]);
  },
);
