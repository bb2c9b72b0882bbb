/** Messages of all between messages of one's own, on connections that have agreed on all kinds of things. */
import { once } from "node:events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { prepare } from "../../src/connection/prepared-message.ts";
import { MAX_PAYLOAD, wordy } from "../extensions/permessage-deflate/codecs.ts";
import { open, ROLES, sharedWith, turn } from "../support/connection-harness.ts";
import { digest } from "../support/digest.ts";
import { linkTransports, type Step } from "../support/linked-transports.ts";
import { runs } from "../support/runs.ts";
import {
  type Agreement,
  agreements,
  arrived,
  checkWire,
  type Data,
  data,
  type Message,
  negotiate,
  stepsWith,
  THE_END,
} from "./compressed-conversations.ts";

const OPTIONS = { maxPayload: MAX_PAYLOAD, maxQueuedAmount: 1000 };

/** Which side of a connection sends, and what it has agreed on with the other: one of some, or no compression. */
interface Line {
  readonly role: "server" | "client";
  readonly agreement: number | null;
}

interface Action {
  /** Which of the messages, and whether the prepared one goes to many or it is sent as one's own to one. */
  readonly message: number;
  readonly prepared: boolean;
  /** The connections to send it on. */
  readonly lines: readonly number[];
  /** Whether the event loop turns behind it. */
  readonly turn: boolean;
}

interface Scene {
  readonly agreements: readonly Agreement[];
  readonly lines: readonly Line[];
  readonly messages: readonly Message[];
  readonly actions: readonly Action[];
  readonly steps: [Step[], Step[]];
}

const TEXT = wordy(200_000, 3);
/** A part of it, as long as one of these. */
const excerpt = (...lengths: number[]) =>
  fc.tuple(fc.nat(100_000), fc.constantFrom(...lengths)).map(([start, length]) => TEXT.subarray(start, start + length));
const sent = (data: fc.Arbitrary<Data>) => fc.record({ data, compress: fc.constantFrom(undefined, true, true, false) });

const scenes: fc.Arbitrary<Scene> = fc.record({
  agreements: fc.array(agreements, { minLength: 1, maxLength: 2 }),
  lines: fc.array(
    fc.record({ role: fc.constantFrom(...ROLES), agreement: fc.option(fc.nat(1), { freq: 6, nil: null }) }),
    { minLength: 1, maxLength: 4 },
  ),
  // Few, so that they come again: what repeats is what a history is for. The second takes zlib's threads.
  messages: fc.tuple(sent(excerpt(200, 1000, 3000)), sent(excerpt(100_000)), sent(data)),
  actions: fc.array(
    fc.record({
      message: fc.nat(2),
      prepared: fc.boolean(),
      lines: fc.array(fc.nat(3), { minLength: 1, maxLength: 6 }),
      turn: fc.boolean(),
    }),
    { minLength: 1, maxLength: 10, size: "max" },
  ),
  steps: fc.tuple(stepsWith(fc.boolean()), stepsWith(fc.constant(false))),
});

function at<Value>(values: readonly Value[], index: number): Value {
  return values[index % values.length] as Value;
}

/** Opens both ends of a line; all senders share what the connections of one server share. */
function openLine({ role, agreement }: Line, { agreements, steps }: Scene, shared: ReturnType<typeof sharedWith>) {
  const agreed = agreement === null ? null : { on: at(agreements, agreement), ...negotiate(at(agreements, agreement)) };
  const [ofSender, ofReceiver] = linkTransports(steps);
  const other = role === "server" ? "client" : "server";
  const sender = open({ shared, role, transport: ofSender, pipeline: agreed?.pipelines[role] ?? null });
  const receiver = open({
    ...OPTIONS,
    role: other,
    transport: ofReceiver,
    pipeline: agreed?.pipelines[other] ?? null,
  });
  const terms = agreed?.termsOf(role, role === "server" ? agreed.on.ofServer : agreed.on.ofClient) ?? null;
  receiver.connection.on("message", (message) => {
    if (message === THE_END) receiver.connection.close(1000);
  });
  return { sender, receiver, terms, closed: once(receiver.connection, "close"), messages: [] as Message[] };
}

test("RFC 7692 section 7.2.1: of messages to one and to many, each peer receives exactly its own, and plain zlib can read them", async () => {
  await fc.assert(
    fc.asyncProperty(scenes, async (scene) => {
      const shared = sharedWith(OPTIONS);
      const lines = scene.lines.map((line) => openLine(line, scene, shared));
      const prepared = scene.messages.map(({ data, compress }) => prepare(data, { compress }));
      for (const action of scene.actions) {
        for (const index of action.lines) {
          const { sender, messages } = at(lines, index);
          const message = at(scene.messages, action.message);
          if (action.prepared) sender.connection.send(at(prepared, action.message));
          else sender.connection.send(message.data, { compress: message.compress });
          messages.push(message);
        }
        if (action.turn) await turn();
      }
      for (const { sender, messages } of lines) {
        sender.connection.send(THE_END);
        messages.push({ data: THE_END, compress: undefined });
      }
      await Promise.all(lines.map(({ closed }) => closed));
      for (const { sender, receiver, terms, messages } of lines) {
        expect(receiver.of("message").map(([message]) => digest(message as Data))).toEqual(
          messages.map((message) => arrived(message.data)),
        );
        expect(receiver.events.at(-1)).toEqual(["close", 1000, "", null]);
        checkWire(sender, messages, terms);
      }
    }),
    { numRuns: runs(0.5) },
  );
});
