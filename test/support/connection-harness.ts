/** The common parts of the tests of a connection: a connection over a fake transport, and its visible effects. */
import { afterEach } from "vitest";
import { Connection, connectionListener } from "../../src/connection/connection.ts";
import type { ConnectionEvents } from "../../src/connection/connection-emitter.ts";
import type { Message } from "../../src/connection/message-queue.ts";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { EndpointGroup } from "../../src/endpoint/endpoint-group.ts";
import { type ConnectionOptions, resolveSettings } from "../../src/endpoint/settings.ts";
import { MessagePipeline, type PipelineStage } from "../../src/extensions/index.ts";
import { FakeTransport } from "./fake-transport.ts";
import { BINARY, CLOSE, decodeFrames, EXAMPLE_KEY, type FrameSpec, frame, type Role, TEXT } from "./frames.ts";

export interface OpenOptions extends ConnectionOptions {
  role?: Role;
  transport?: FakeTransport;
  shared?: SharedGroups;
  /** Bytes that came with the opening handshake. */
  head?: Buffer;
  /** The active extensions, one by one or as they were negotiated. */
  stages?: readonly PipelineStage[];
  pipeline?: MessagePipeline | null;
  /** Called with the transport before the connection begins to read. */
  beforeStart?: (transport: FakeTransport) => void;
  /** Events not to listen to; all are by default. */
  deaf?: readonly (keyof ConnectionEvents)[];
}

export type EmittedEvent = [event: keyof ConnectionEvents, ...args: unknown[]];

export interface Opened {
  readonly connection: Connection;
  readonly transport: FakeTransport;
  readonly role: Role;
  /** The events in their order. */
  readonly events: EmittedEvent[];
  /** Only the events of one name, without the name. */
  of(event: keyof ConnectionEvents): unknown[][];
  /** Delivers frames of the peer, all in one chunk. */
  receive(...frames: readonly FrameSpec[]): void;
}

const EVENTS = ["message", "ping", "pong", "drain", "drop", "error", "close"] as const;
export const ROLES = ["server", "client"] as const;

let opened: FakeTransport[] = [];

afterEach(() => {
  for (const transport of opened) transport.close();
  opened = [];
});

type Group = EndpointGroup<Connection<unknown>, Message>;
/** A group of each role with the same settings and resources. */
export type SharedGroups = Readonly<Record<Role, Group>>;

export function sharedWith(options: ConnectionOptions = {}): SharedGroups {
  const settings = resolveSettings(options);
  const server = new EndpointGroup("server", settings, connectionListener);
  return { server, client: new EndpointGroup("client", settings, connectionListener, server) };
}

/** An open connection. */
export function open(options: OpenOptions = {}): Opened {
  const { role = "server", transport = new FakeTransport(), deaf = [], shared = sharedWith(options) } = options;
  const { head = Buffer.alloc(0), stages } = options;
  const { pipeline = stages === undefined ? null : new MessagePipeline(stages) } = options;
  const endpoint = new Endpoint(transport, pipeline, shared[role]);
  const connection = new Connection(endpoint, { protocol: "", extensions: "", pipeline }, undefined);
  const events: EmittedEvent[] = [];
  for (const event of EVENTS) {
    if (!deaf.includes(event)) connection.on(event, (...args: unknown[]) => void events.push([event, ...args]));
  }
  options.beforeStart?.(transport);
  endpoint.start(head);
  opened.push(transport);
  return {
    connection,
    transport,
    role,
    events,
    of: (event) => events.filter(([name]) => name === event).map(([, ...args]) => args),
    receive: (...frames) => transport.deliver(wire(role, ...frames)),
  };
}

/** The bytes of frames as the peer of a connection in this role sends them. */
export function wire(role: Role, ...frames: readonly FrameSpec[]): Buffer {
  const mask = role === "server" ? EXAMPLE_KEY : null;
  return Buffer.concat(frames.map((spec) => frame({ mask, ...spec })));
}

export const text = (payload: string): FrameSpec => ({ opcode: TEXT, payload });
export const binary = (payload: Uint8Array): FrameSpec => ({ opcode: BINARY, payload });

/** The payload of a Close frame, by RFC 6455 section 5.5.1. */
export function closePayload(code: number, reason: string | Uint8Array = ""): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]);
}

export function closeFrame(code?: number, reason?: string): FrameSpec {
  return { opcode: CLOSE, payload: code === undefined ? "" : closePayload(code, reason) };
}

export interface Sent {
  opcode: number;
  payload: Buffer;
}

/** The frames that were written. Each is whole, with FIN, without RSV and masked as the role demands. */
export function sent({ transport, role }: Pick<Opened, "transport" | "role">): Sent[] {
  return decodeFrames(transport.bytes).map(({ fin, rsv, masked, opcode, payload }) => {
    if (!fin || rsv !== 0) throw new Error("a frame was sent in fragments or with a reserved bit");
    if (masked !== (role === "client")) throw new Error("RFC 6455 section 5.1: a client masks, a server does not");
    return { opcode, payload };
  });
}

/** The payloads of the data frames that were written, text as a string. */
export function sentMessages(opened: Pick<Opened, "transport" | "role">): (string | Buffer)[] {
  return sent(opened)
    .filter(({ opcode }) => opcode < CLOSE)
    .map(({ opcode, payload }) => (opcode === TEXT ? payload.toString("utf8") : payload));
}

/** The payloads of the frames of one opcode that were written. */
export function sentOf(opened: Pick<Opened, "transport" | "role">, opcode: number): Buffer[] {
  return sent(opened)
    .filter((frame) => frame.opcode === opcode)
    .map(({ payload }) => payload);
}

/** Resolves when this turn of the event loop, with all its ticks and microtasks, is over. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The uncaught exceptions while `run` does its work and until the turn is over. */
export async function uncaughtDuring(run: () => void): Promise<unknown[]> {
  const usual = process.listeners("uncaughtException");
  const uncaught: unknown[] = [];
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (error) => uncaught.push(error));
  try {
    run();
    await turn();
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of usual) process.on("uncaughtException", listener);
  }
  return uncaught;
}
