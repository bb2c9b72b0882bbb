/** The two streams of a connection over a fake transport, and what is seen from outside. */
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { EndpointGroup } from "../../src/endpoint/endpoint-group.ts";
import { type ConnectionOptions, resolveSettings } from "../../src/endpoint/settings.ts";
import { MessagePipeline, type PipelineStage } from "../../src/extensions/index.ts";
import { Deferred } from "../../src/websocket/deferred.ts";
import { MessageStreams, messageStreamsListener, type StreamsEnd } from "../../src/websocket/message-streams.ts";
import { type Sent, sent, turn, wire } from "./connection-harness.ts";
import { FakeTransport, type FakeTransportOptions } from "./fake-transport.ts";
import type { FrameSpec } from "./frames.ts";

export interface OpenedStreams {
  readonly endpoint: Endpoint<MessageStreams, string | Uint8Array>;
  readonly streams: MessageStreams;
  readonly transport: FakeTransport;
  readonly reader: ReadableStreamDefaultReader<string | Uint8Array>;
  readonly writer: WritableStreamDefaultWriter<unknown>;
  /** Every report of the end. */
  readonly ends: StreamsEnd[];
  /** As a WebSocketStream has it. */
  readonly closed: Promise<unknown>;
  /** Delivers frames of the peer, all in one chunk. */
  receive(...frames: readonly FrameSpec[]): void;
  sent(): Sent[];
}

export interface StreamOptions extends ConnectionOptions, FakeTransportOptions {
  readonly stages?: readonly PipelineStage[];
}

/** A client's connection that is open and has begun to read. */
export async function openStreams({ stages, memory, afterPause, closesItself, ...options }: StreamOptions = {}) {
  const transport = new FakeTransport({
    ...(memory === undefined ? {} : { memory }),
    ...(afterPause === undefined ? {} : { afterPause }),
    ...(closesItself === undefined ? {} : { closesItself }),
  });
  const settings = resolveSettings({ maxBufferedAmount: Number.MAX_SAFE_INTEGER, ...options });
  const group = new EndpointGroup("client", settings, messageStreamsListener);
  const pipeline = stages === undefined ? null : new MessagePipeline(stages);
  const endpoint = new Endpoint<MessageStreams, string | Uint8Array>(transport, pipeline, group);
  const ends: StreamsEnd[] = [];
  const closed = new Deferred<unknown>();
  const streams = new MessageStreams(endpoint, (end) => {
    ends.push(end);
    if (end.failure === null) closed.resolve({ closeCode: end.status.code, reason: end.status.reason });
    else closed.reject(end.failure);
  });
  const [reader, writer] = [streams.readable.getReader(), streams.writable.getWriter()];
  // What only some tests look at is not to be reported as unhandled.
  for (const promise of [reader.closed, writer.closed, writer.ready]) promise.catch(() => {});
  endpoint.start(Buffer.alloc(0));
  await turn();
  const opened: OpenedStreams = {
    endpoint,
    streams,
    transport,
    reader,
    writer,
    ends,
    closed: closed.promise,
    receive: (...frames) => transport.deliver(wire("client", ...frames)),
    sent: () => sent({ transport, role: "client" }),
  };
  return opened;
}

/** How a promise is settled in the end; a rejection counts as handled from now on. */
export function settled(promise: Promise<unknown>): Promise<{ resolved: unknown } | { rejected: unknown }> {
  return promise.then(
    (resolved) => ({ resolved }),
    (rejected: unknown) => ({ rejected }),
  );
}

/** How a promise stands now that this turn of the event loop is over. */
export async function outcome(promise: Promise<unknown>): Promise<unknown> {
  let found: unknown = "pending";
  promise.then(
    (value) => {
      found = { resolved: value };
    },
    (reason: unknown) => {
      found = { rejected: reason };
    },
  );
  await turn();
  return found;
}
