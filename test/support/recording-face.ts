/** A face that records what its endpoint reports, and checks each report against the contract of `EndpointListener`. */
import { onTestFinished } from "vitest";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { EndpointGroup } from "../../src/endpoint/endpoint-group.ts";
import type { EndpointListener } from "../../src/endpoint/endpoint-listener.ts";
import type { SendResult } from "../../src/endpoint/sender.ts";
import { type ConnectionOptions, resolveSettings } from "../../src/endpoint/settings.ts";
import { MessagePipeline, type PipelineStage } from "../../src/extensions/index.ts";
import { STRING_OR_BUFFER } from "../../src/framing/index.ts";
import { wire } from "./connection-harness.ts";
import { FakeTransport } from "./fake-transport.ts";
import type { FrameSpec, Role } from "./frames.ts";

type Message = string | Buffer;
type Listener = EndpointListener<RecordingFace, Message>;
type EventName = Exclude<keyof Listener, "form">;
export type RecordedEvent = [name: EventName, ...args: unknown[]];

/** What may still be reported once the connection is closed. */
const AFTER_CLOSED: readonly EventName[] = ["onMessage", "onInputEnd"];
const ONCE: readonly EventName[] = ["onOutputEnd", "onInputEnd", "onClosed", "onDisconnected"];

export class RecordingFace {
  readonly events: RecordedEvent[] = [];
  /** The rules of the contract that were broken. */
  readonly faults: string[] = [];
  /** Called with each event, after it was recorded. */
  react: (event: RecordedEvent) => void = () => {};
  /** Whether writes of the transport are lost: sends are then `"closed"` before `onOutputEnd`. */
  losesWrites = false;
  #isDrainOwed = false;

  record(...event: RecordedEvent): void {
    this.#check(event[0]);
    this.events.push(event);
    this.react(event);
  }

  /** Whether this event was reported. */
  has(name: EventName): boolean {
    return this.events.some(([each]) => each === name);
  }

  /** The arguments of each event of this name. */
  of(name: EventName): unknown[][] {
    return this.events.filter(([each]) => each === name).map(([, ...args]) => args);
  }

  get names(): EventName[] {
    return this.events.map(([name]) => name);
  }

  /** Sends, and checks the result: `"closed"` after `onOutputEnd`, and never before it. */
  send(action: () => SendResult): SendResult {
    const wasOver = this.has("onOutputEnd");
    // A drain may be reported within the call: for an earlier result, or already for that of this call.
    const owed = this.#isDrainOwed;
    this.#isDrainOwed = true;
    const result = action();
    this.#isDrainOwed = result === "full" || result === "dropped" || (owed && this.#isDrainOwed);
    if (wasOver && result !== "closed") this.faults.push(`${result} after onOutputEnd`);
    if (!this.has("onOutputEnd") && result === "closed" && !this.losesWrites)
      this.faults.push("closed before onOutputEnd");
    return result;
  }

  #check(name: EventName): void {
    if (ONCE.includes(name) && this.has(name)) this.faults.push(`a second ${name}`);
    if (this.has("onClosed") && !AFTER_CLOSED.includes(name)) this.faults.push(`${name} after onClosed`);
    if (this.has("onInputEnd") && name === "onMessage") this.faults.push("onMessage after onInputEnd");
    if (name === "onClosed" && !this.has("onOutputEnd")) this.faults.push("onClosed before onOutputEnd");
    if (name !== "onDrain") return;
    if (!this.#isDrainOwed) this.faults.push("onDrain without full or dropped before it");
    this.#isDrainOwed = false;
  }
}

/** The listener of all recording faces. */
export const RECORDING: Listener = Object.freeze<Listener>({
  form: STRING_OR_BUFFER,
  onMessage: (face, opcode, message) => face.record("onMessage", opcode, message),
  onPing: (face, payload) => face.record("onPing", Buffer.from(payload)),
  onPong: (face, payload) => face.record("onPong", Buffer.from(payload)),
  onDrain: (face) => face.record("onDrain"),
  onFailure: (face, error) => face.record("onFailure", error),
  onOutputEnd: (face) => face.record("onOutputEnd"),
  onDisconnected: (face) => face.record("onDisconnected"),
  onInputEnd: (face) => face.record("onInputEnd"),
  onClosed: (face, status, error) => face.record("onClosed", status, error),
});

export type RecordedGroup = EndpointGroup<RecordingFace, Message>;
export type RecordedEndpoint = Endpoint<RecordingFace, Message>;

export function recordedGroup(role: Role, options: ConnectionOptions = {}): RecordedGroup {
  return new EndpointGroup(role, resolveSettings(options), RECORDING);
}

export interface OpenEndpointOptions extends ConnectionOptions {
  readonly role?: Role;
  readonly transport?: FakeTransport;
  readonly group?: RecordedGroup;
  readonly stages?: readonly PipelineStage[];
  /** Bytes that came with the opening handshake. */
  readonly rest?: Buffer;
}

export interface OpenEndpoint {
  readonly endpoint: RecordedEndpoint;
  readonly face: RecordingFace;
  readonly transport: FakeTransport;
  readonly role: Role;
  /** Delivers frames of the peer, all in one chunk. */
  receive(...frames: readonly FrameSpec[]): void;
}

/** An endpoint over a fake transport, which has begun to read. */
export function openEndpoint(options: OpenEndpointOptions = {}): OpenEndpoint {
  const { role = "server", transport = new FakeTransport(), group = recordedGroup(role, options), stages } = options;
  const endpoint = new Endpoint(transport, stages === undefined ? null : new MessagePipeline(stages), group);
  const face = new RecordingFace();
  endpoint.attach(face);
  endpoint.start(options.rest ?? Buffer.alloc(0));
  onTestFinished(() => transport.close());
  return { endpoint, face, transport, role, receive: (...frames) => transport.deliver(wire(role, ...frames)) };
}
