/**
 * The contract of `EndpointListener`, whatever happens in whatever order: `RecordingFace` checks each report and each
 * result of a send, and here random sequences of events are run against it.
 */
import fc from "fast-check";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Endpoint } from "../../src/endpoint/endpoint.ts";
import { FramedMessage } from "../../src/endpoint/framed-message.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { Violations } from "../../src/framing/index.ts";
import { reversed, SlowCodec } from "../connection/codecs.ts";
import { closeFrame, closePayload, text, turn, uncaughtDuring, wire } from "../support/connection-harness.ts";
import { FakeTransport, type FakeTransportOptions } from "../support/fake-transport.ts";
import { BINARY, CLOSE, CONTINUATION, type FrameSpec, PING, PONG, type Role, TEXT } from "../support/frames.ts";
import { type OpenEndpoint, openEndpoint, type RecordingFace } from "../support/recording-face.ts";
import { runs } from "../support/runs.ts";
import { watchUncaught } from "../support/uncaught.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const COMPRESSED: FrameSpec = { opcode: TEXT, payload: reversed("compressed"), rsv: 4 };

/** What the peer sends, each in a chunk of its own. */
const FRAMES = {
  text: [text("text")],
  binary: [{ opcode: BINARY, payload: "binary" }],
  compressed: [COMPRESSED],
  several: [text("a"), COMPRESSED, { opcode: PING, payload: "between" }, text("b"), COMPRESSED],
  "the begin of a message": [{ ...text("begin"), fin: false }],
  "the end of a message": [{ opcode: CONTINUATION, payload: "end" }],
  ping: [{ opcode: PING, payload: "ping" }],
  pong: [{ opcode: PONG, payload: "pong" }],
  close: [closeFrame(4001, "bye")],
  "text and close": [text("last"), closeFrame(4001, "bye")],
  "an invalid close": [{ opcode: CLOSE, payload: closePayload(1006) }],
  "a broken rule": [{ ...text("x"), rsv: 2 }],
  "text that is not UTF-8": [{ opcode: TEXT, payload: Buffer.from([0xff]) }],
  "too much": [{ opcode: BINARY, payload: Buffer.alloc(3000) }],
} as const satisfies Record<string, readonly FrameSpec[]>;
type FrameName = keyof typeof FRAMES;

const TRANSPORT = ["stick", "drain", "fail writes", "peer ends", "transport closes", "transport fails"] as const;
const SENDS = ["send", "send much", "send bytes", "send framed", "send a ping", "send a pong"] as const;
const VERBS = ["close", "terminate", "fail", "pause", "resume"] as const;
const CODEC = ["encoded", "decoded", "encoding fails", "decoding fails", "decoded to a violation"] as const;
const TIMES = ["turn", "a second", "ten seconds"] as const;

type Step =
  | FrameName
  | (typeof TRANSPORT)[number]
  | (typeof SENDS)[number]
  | (typeof VERBS)[number]
  | (typeof CODEC)[number]
  | (typeof TIMES)[number];

const frameNames = Object.keys(FRAMES) as FrameName[];
const anyStep = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<Step>(...frameNames) },
  { weight: 2, arbitrary: fc.constantFrom<Step>(...TRANSPORT) },
  { weight: 3, arbitrary: fc.constantFrom<Step>(...SENDS) },
  { weight: 2, arbitrary: fc.constantFrom<Step>(...VERBS) },
  { weight: 3, arbitrary: fc.constantFrom<Step>(...CODEC) },
  { weight: 2, arbitrary: fc.constantFrom<Step>(...TIMES) },
);

const scenario = fc.record({
  role: fc.constantFrom<Role>("server", "client"),
  overflow: fc.constantFrom("close" as const, "drop" as const),
  withExtension: fc.boolean(),
  transport: fc.record<Required<FakeTransportOptions>>({
    memory: fc.constantFrom("copied", "kept", "lazy"),
    afterPause: fc.constantFrom("holds", "goesOn"),
    closesItself: fc.boolean(),
  }),
  steps: fc.array(anyStep, { maxLength: 30 }),
  /** What the face does within a report of the endpoint, report by report. */
  reactions: fc.array(fc.constantFrom<Step | null>(null, null, null, ...SENDS, ...VERBS), { maxLength: 8 }),
});

const USUAL = { role: "server", overflow: "close", withExtension: false, transport: {} as never } as const;

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never;

/** One run of a scenario. */
class Run {
  readonly #opened: OpenEndpoint;
  readonly #codec = new SlowCodec();
  readonly #reactions: (Step | null)[];
  #isReacting = false;

  constructor({ role, overflow, withExtension, reactions }: Scenario, transport: FakeTransport) {
    this.#opened = openEndpoint({
      role,
      transport,
      ...(withExtension ? { stages: [{ rsv: 0x40, codec: this.#codec }] } : {}),
      ...{ overflow, maxPayload: 2000, highWaterMark: 500, maxBufferedAmount: 2000 },
      ...{ closeTimeout: 5000, pingInterval: 4000, pingTimeout: 4000, idleTimeout: 30_000 },
    });
    this.#reactions = [...reactions];
    this.face.react = () => this.#react();
  }

  get face(): RecordingFace {
    return this.#opened.face;
  }

  get #endpoint(): Endpoint<RecordingFace, string | Buffer> {
    return this.#opened.endpoint;
  }

  async take(step: Step): Promise<void> {
    if (step in FRAMES) this.#opened.transport.deliver(wire(this.#opened.role, ...FRAMES[step as FrameName]));
    else if (isOf(TRANSPORT, step)) this.#takeOfTransport(step);
    else if (isOf(CODEC, step)) await this.#takeOfCodec(step);
    else if (isOf(TIMES, step)) await this.#pass(step === "turn" ? 0 : step === "a second" ? 1000 : 10_000);
    else this.#act(step as (typeof SENDS)[number] | (typeof VERBS)[number]);
  }

  /** Nothing is held back any more, and the transport goes. */
  async finish(): Promise<void> {
    this.face.react = () => {};
    const { endpoint, transport } = this.#opened;
    endpoint.resume();
    await turn();
    transport.drain();
    transport.close();
    for (let i = 0; i < 20; i++) {
      if (this.#codec.decoding.length > 0) await this.#codec.decoded();
      if (this.#codec.encoding.length > 0) await this.#codec.encoded();
      endpoint.resume();
      await turn();
    }
  }

  #react(): void {
    if (this.#isReacting) return;
    const step = this.#reactions.shift() ?? null;
    if (step === null) return;
    this.#isReacting = true;
    this.#act(step as (typeof SENDS)[number] | (typeof VERBS)[number]);
    this.#isReacting = false;
  }

  #act(step: (typeof SENDS)[number] | (typeof VERBS)[number]): void {
    const endpoint = this.#endpoint;
    switch (step) {
      case "send":
        this.face.send(() => endpoint.sendText("text", {}));
        return;
      case "send much":
        this.face.send(() => endpoint.sendText("x".repeat(1500), {}));
        return;
      case "send bytes":
        this.face.send(() => endpoint.sendBytes(BINARY, Buffer.alloc(600), {}));
        return;
      case "send framed":
        this.face.send(() => endpoint.sendFramed(new FramedMessage(BINARY, Buffer.alloc(700), {})));
        return;
      case "send a ping":
        this.face.send(() => endpoint.ping(Buffer.alloc(100)));
        return;
      case "send a pong":
        this.face.send(() => endpoint.pong(Buffer.alloc(100)));
        return;
      case "close":
        endpoint.close({ code: 4000, reason: "closed" });
        return;
      case "fail":
        // A face that fails a closed endpoint asks for the report itself.
        if (endpoint.phase !== "closed") endpoint.fail(ExtensionViolations.EXTENSION_FAILED);
        return;
      case "terminate":
      case "pause":
      case "resume":
        endpoint[step]();
    }
  }

  #takeOfTransport(step: (typeof TRANSPORT)[number]): void {
    const { transport } = this.#opened;
    switch (step) {
      case "stick":
        transport.stick();
        return;
      case "drain":
        transport.drain();
        return;
      case "fail writes":
        this.face.losesWrites = true;
        transport.failWrites();
        return;
      case "peer ends":
        transport.peerEnd();
        return;
      case "transport closes":
        transport.close();
        return;
      case "transport fails":
        transport.close(new Error("reset"));
    }
  }

  async #takeOfCodec(step: (typeof CODEC)[number]): Promise<void> {
    const { encoding, decoding } = this.#codec;
    if ((step.startsWith("encod") ? encoding : decoding).length === 0) return;
    if (step === "encoded") await this.#codec.encoded();
    else if (step === "decoded") await this.#codec.decoded();
    else if (step === "encoding fails") await this.#codec.fail(encoding, new Error("encoding"));
    else if (step === "decoding fails") await this.#codec.fail(decoding, new Error("decoding"));
    else await this.#codec.decoded(Violations.MESSAGE_TOO_BIG);
  }

  async #pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += 500) {
      vi.advanceTimersByTime(500);
      await turn();
    }
    await turn();
  }
}

function isOf<Name extends string>(names: readonly Name[], step: string): step is Name {
  return (names as readonly string[]).includes(step);
}

/** Runs a scenario to its end. @returns the rules that were broken */
async function faultsOf(all: Scenario, transport: FakeTransport): Promise<string[]> {
  const run = new Run(all, transport);
  for (const step of all.steps) await run.take(step);
  await run.finish();
  const { face } = run;
  const never = (["onOutputEnd", "onInputEnd", "onClosed"] as const).filter((name) => !face.has(name));
  return [...face.faults, ...never.map((name) => `no ${name}`)];
}

test("an endpoint keeps the contract of its listener, whatever peer, face, transport, codec and time do", async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async (all) => {
      expect(await faultsOf(all, new FakeTransport(all.transport))).toEqual([]);
    }),
    { numRuns: runs(5) },
  );
});

/** Calls of a face within a report: what must hold, the steps and the reactions. */
const WITHIN_A_REPORT: readonly [rule: string, steps: Step[], reactions: Step[]][] = [
  ["the answer to a ping is not written to a closed transport", ["pause", "ping", "transport closes"], []],
  ["terminate() within onOutputEnd does not write to a closed transport", ["send", "transport closes"], ["terminate"]],
  ["terminate() within onOutputEnd does not write to a destroyed transport", ["fail"], ["terminate"]],
  [
    "RFC 6455 section 5.5.1: fail() within onDrain does not put the message at hand behind the Close frame",
    ["send much", "send framed", "turn"],
    ["fail"],
  ],
  [
    "resume() within onOutputEnd does not lead to onDisconnected after onClosed",
    ["pause", "text", "transport closes"],
    ["resume"],
  ],
];

test.each(WITHIN_A_REPORT)("%s", async (_rule, steps, reactions) => {
  const uncaught = watchUncaught();
  const transport = new FakeTransport({ afterPause: "goesOn" });
  const faults = await faultsOf({ ...USUAL, steps, reactions }, transport);
  expect([...faults, ...uncaught]).toEqual([]);
});

test("a send is closed before onOutputEnd if a write of the transport was lost, and onOutputEnd follows", async () => {
  const { endpoint, face, transport } = openEndpoint({ transport: new FakeTransport({ closesItself: false }) });
  transport.failWrites();
  face.send(() => endpoint.sendText("lost", {}));
  await turn();
  expect(endpoint.sendText("closed", {})).toBe("closed");
  expect(face.has("onOutputEnd")).toBe(false);
  transport.close();
  await turn();
  expect(face.has("onOutputEnd")).toBe(true);
});

test("an exception of an extension that is closed after onClosed is rethrown as an uncaught one", async () => {
  const codec = new SlowCodec();
  codec.close = () => {
    throw new Error("broken");
  };
  const { endpoint, face, transport, receive } = openEndpoint({ stages: [{ rsv: 0x40, codec }] });
  receive(COMPRESSED);
  endpoint.fail(ExtensionViolations.EXTENSION_FAILED);
  transport.close();
  expect(face.has("onClosed")).toBe(true);
  const uncaught = await uncaughtDuring(() => void codec.decoded());
  expect(uncaught).toEqual([expect.objectContaining({ message: "broken" })]);
  expect(face.faults).toEqual([]);
});
