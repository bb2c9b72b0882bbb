import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ClosingEvent,
  type ClosingPhase,
  type ClosingState,
  type ClosingStep,
  canRead,
  canSend,
  OPEN,
  receivedStatus,
  stepClosing,
} from "../../src/endpoint/closing-handshake.ts";
import { ROLES } from "../support/connection-harness.ts";

const status = { code: 3000, reason: "enough" };
const said = { code: 4000, reason: "said before" };

const events = {
  close: { type: "close", status },
  closeReceived: { type: "closeReceived", status },
  fail: { type: "fail", status },
  inputEnded: { type: "inputEnded" },
  transportClosed: { type: "transportClosed", allRead: true },
  transportClosedEarly: { type: "transportClosed", allRead: false },
  timeout: { type: "timeout" },
  lost: { type: "lost" },
} satisfies Record<string, ClosingEvent>;

type EventName = keyof typeof events;

const states: Record<ClosingPhase, ClosingState> = {
  open: OPEN,
  closedByUs: { phase: "closedByUs" },
  closeAcknowledged: { phase: "closeAcknowledged", received: said, initiator: "remote" },
  failed: { phase: "failed" },
  disconnected: { phase: "disconnected", initiator: null },
  closed: { phase: "closed", received: said, initiator: "remote" },
};

/** The next phase and the effects; "(end)" is what a server does and a client leaves to the server. */
const table: Record<ClosingPhase, Record<EventName, [ClosingPhase, string]>> = {
  open: {
    close: ["closedByUs", "sendClose startTimer"],
    closeReceived: ["closeAcknowledged", "sendClose startTimer endInput (end)"],
    fail: ["failed", "sendClose startTimer endInput (end)"],
    inputEnded: ["failed", "endInput startTimer endTransport"],
    transportClosed: ["closed", "endInput finish"],
    transportClosedEarly: ["disconnected", ""],
    timeout: ["failed", "endInput destroyTransport"],
    lost: ["failed", "endInput destroyTransport"],
  },
  closedByUs: {
    close: ["closedByUs", ""],
    closeReceived: ["closeAcknowledged", "endInput (end)"],
    fail: ["failed", "endInput (end)"],
    inputEnded: ["failed", "endInput startTimer endTransport"],
    transportClosed: ["closed", "endInput finish"],
    transportClosedEarly: ["disconnected", ""],
    timeout: ["failed", "endInput destroyTransport"],
    lost: ["failed", "endInput destroyTransport"],
  },
  closeAcknowledged: {
    close: ["closeAcknowledged", ""],
    closeReceived: ["closeAcknowledged", ""],
    fail: ["closeAcknowledged", ""],
    inputEnded: ["closeAcknowledged", "endInput startTimer endTransport"],
    transportClosed: ["closed", "endInput finish"],
    transportClosedEarly: ["closed", "endInput finish"],
    timeout: ["closeAcknowledged", "endInput destroyTransport"],
    lost: ["closeAcknowledged", "endInput destroyTransport"],
  },
  failed: {
    close: ["failed", ""],
    closeReceived: ["failed", ""],
    fail: ["failed", ""],
    inputEnded: ["failed", "endInput startTimer endTransport"],
    transportClosed: ["closed", "endInput finish"],
    transportClosedEarly: ["closed", "endInput finish"],
    timeout: ["failed", "endInput destroyTransport"],
    lost: ["failed", "endInput destroyTransport"],
  },
  disconnected: {
    close: ["disconnected", ""],
    closeReceived: ["closed", "endInput finish"],
    fail: ["closed", "endInput finish"],
    inputEnded: ["closed", "endInput finish"],
    transportClosed: ["disconnected", ""],
    transportClosedEarly: ["disconnected", ""],
    timeout: ["closed", "endInput finish"],
    lost: ["closed", "endInput finish"],
  },
  closed: {
    close: ["closed", ""],
    closeReceived: ["closed", ""],
    fail: ["closed", ""],
    inputEnded: ["closed", ""],
    transportClosed: ["closed", ""],
    transportClosedEarly: ["closed", ""],
    timeout: ["closed", ""],
    lost: ["closed", ""],
  },
};

const phases = Object.keys(table) as ClosingPhase[];
const names = Object.keys(events) as EventName[];
const cells = phases.flatMap((phase) => names.map((name) => ({ phase, name })));

describe.each(ROLES)("RFC 6455 section 7.1: the whole table, as %s", (role) => {
  test.each(cells)(
    "the closing state $phase takes the event $name to the state and the effects of the table",
    ({ phase, name }) => {
      const [next, effects] = table[phase][name];
      const step = stepClosing(states[phase], events[name], role);
      const expected = effects.replace("(end)", role === "server" ? "endTransport" : "").trim();
      expect(step.state.phase).toBe(next);
      expect(step.effects.map(({ type }) => type).join(" ")).toBe(expected);
    },
  );
});

function after(...sequence: ClosingEvent[]): ClosingStep {
  return sequence.reduce<ClosingStep>((step, event) => stepClosing(step.state, event, "server"), {
    state: OPEN,
    effects: [],
  });
}

test("RFC 6455 section 7.1.2: the Close frame carries the status that was given", () => {
  expect(after(events.close).effects[0]).toEqual({ type: "sendClose", status });
});

test("RFC 6455 section 5.5.1: a Close frame is answered with the same status", () => {
  const step = after(events.closeReceived);
  expect(step.effects[0]).toEqual({ type: "sendClose", status });
  expect(receivedStatus(step.state)).toEqual(status);
});

test("RFC 6455 section 7.1.5: the status of the first Close frame stays, whatever follows", () => {
  const second: ClosingEvent = { type: "closeReceived", status: said };
  for (const event of [second, events.fail, events.timeout, events.lost, events.inputEnded]) {
    expect(after(events.closeReceived, event, events.transportClosed).state).toEqual({
      phase: "closed",
      received: status,
      initiator: "remote",
    });
  }
});

test("the state knows who sent the first Close frame, also if the transport is gone before the peer's was read", () => {
  const { closeReceived, close, transportClosedEarly } = events;
  const initiatorAfter = (...all: ClosingEvent[]) => (after(...all).state as { initiator?: unknown }).initiator;
  expect(initiatorAfter(closeReceived)).toBe("remote");
  expect(initiatorAfter(close, closeReceived)).toBe("local");
  expect(initiatorAfter(transportClosedEarly, closeReceived)).toBe("remote");
  expect(initiatorAfter(close, transportClosedEarly, closeReceived)).toBe("local");
});

test("RFC 6455 section 7.1.7: the peer's Close frame is ignored after a failure", () => {
  expect(after(events.fail, events.closeReceived).state).toEqual({ phase: "failed" });
});

test("RFC 6455 sections 5.5.1 and 7.1.7: each closing state says whether it may still read and whether it may still send", () => {
  expect(phases.filter((phase) => canRead(states[phase]))).toEqual(["open", "closedByUs", "disconnected"]);
  expect(phases.filter((phase) => canSend(states[phase]))).toEqual(["open"]);
});

test("any sequence of closing events sends at most one Close frame, finishes once, and keeps the status that was received", () => {
  fc.assert(
    fc.property(fc.constantFrom(...ROLES), fc.array(fc.constantFrom(...names), { maxLength: 30 }), (role, sequence) => {
      let state = OPEN;
      const effects: string[] = [];
      for (const name of sequence) {
        const step = stepClosing(state, events[name], role);
        if (state.phase === "closed") expect(step).toEqual({ state, effects: [] });
        if (receivedStatus(state) !== null) expect(receivedStatus(step.state)).toBe(receivedStatus(state));
        // A phase never leads back to one in which more was allowed.
        expect(phases.indexOf(step.state.phase)).toBeGreaterThanOrEqual(
          canRead(state) ? phases.indexOf(state.phase) : 2,
        );
        if (!canSend(state)) expect(step.effects.map(({ type }) => type)).not.toContain("sendClose");
        effects.push(...step.effects.map(({ type }) => type));
        state = step.state;
      }
      expect(effects.filter((type) => type === "sendClose").length).toBeLessThanOrEqual(1);
      expect(effects.filter((type) => type === "finish").length).toBe(state.phase === "closed" ? 1 : 0);
    }),
  );
});
