import type { CloseStatus, Role } from "../framing/index.ts";

/** The endpoint that sent the first Close frame. */
export type Initiator = "local" | "remote";

/**
 * The closing handshake (RFC 6455 section 7.1) as a pure machine: a state and an event give the next state and the
 * effects to carry out. It knows no socket and no timer.
 */
export type ClosingState =
  /** Data flows. */
  | { readonly phase: "open" }
  /** We have sent a Close frame and wait for the peer's. */
  | { readonly phase: "closedByUs" }
  /** A Close frame has gone both ways, and the transport is about to end. */
  | { readonly phase: "closeAcknowledged"; readonly received: CloseStatus; readonly initiator: Initiator }
  /** We have failed the connection (section 7.1.7), or the peer cut it off: further input is discarded. */
  | { readonly phase: "failed" }
  /**
   * The transport is gone. Everything that arrived before is still read, and a Close frame in it still counts.
   * `initiator` is `null` if no Close frame was sent.
   */
  | { readonly phase: "disconnected"; readonly initiator: "local" | null }
  /** The transport is gone, and everything that arrived was read or discarded. */
  | { readonly phase: "closed"; readonly received: CloseStatus; readonly initiator: Initiator }
  /** The same, without a Close frame of the peer. */
  | { readonly phase: "closed"; readonly received: null };

export type ClosingPhase = ClosingState["phase"];

export type ClosingEvent =
  /** The application closes. */
  | { readonly type: "close"; readonly status: CloseStatus }
  /** A valid Close frame arrived. */
  | { readonly type: "closeReceived"; readonly status: CloseStatus }
  /** The peer broke a rule, or we cannot go on. */
  | { readonly type: "fail"; readonly status: CloseStatus }
  /** The peer ended its side of the transport, and everything that arrived before was read. */
  | { readonly type: "inputEnded" }
  /** The transport is gone. `allRead` says whether everything that arrived was read. */
  | { readonly type: "transportClosed"; readonly allRead: boolean }
  /** The closing handshake did not end within closeTimeout. */
  | { readonly type: "timeout" }
  /** The connection ends without a closing handshake: the peer cannot be reached, or must not be waited for. */
  | { readonly type: "lost" };

export type ClosingEffect =
  | { readonly type: "sendClose"; readonly status: CloseStatus }
  | { readonly type: "startTimer" }
  /** Nothing that the peer sends is read any more. */
  | { readonly type: "endInput" }
  | { readonly type: "endTransport" }
  | { readonly type: "destroyTransport" }
  | { readonly type: "finish" };

export interface ClosingStep {
  readonly state: ClosingState;
  readonly effects: readonly ClosingEffect[];
}

export const OPEN: ClosingState = Object.freeze({ phase: "open" });
const CLOSED_BY_US: ClosingState = Object.freeze({ phase: "closedByUs" });
const FAILED: ClosingState = Object.freeze({ phase: "failed" });
const CUT_OFF: ClosingState = Object.freeze({ phase: "closed", received: null });

const START_TIMER: ClosingEffect = Object.freeze({ type: "startTimer" });
const END_INPUT: ClosingEffect = Object.freeze({ type: "endInput" });
const END_TRANSPORT: ClosingEffect = Object.freeze({ type: "endTransport" });
const DESTROY_TRANSPORT: ClosingEffect = Object.freeze({ type: "destroyTransport" });
const FINISH: ClosingEffect = Object.freeze({ type: "finish" });

/** Whether messages and control frames that arrive are still looked at. */
export function canRead(state: ClosingState): boolean {
  return state.phase === "open" || state.phase === "closedByUs" || state.phase === "disconnected";
}

/** The content of the peer's Close frame, `null` if none came (section 7.1.5). */
export function receivedStatus(state: ClosingState): CloseStatus | null {
  return "received" in state ? state.received : null;
}

/** Whether data may be sent: section 5.5.1, "MUST NOT send any more data frames after sending a Close frame". */
export function canSend(state: ClosingState): boolean {
  return state.phase === "open";
}

/**
 * The side that ends TCP first. Section 7.1.1: a server "SHOULD initiate a TCP Close immediately", so that it holds
 * TIME_WAIT; a client "SHOULD wait for a TCP Close from the server", until the timer says otherwise.
 */
function closeTransport(role: Role): readonly ClosingEffect[] {
  return role === "server" ? [END_TRANSPORT] : [];
}

export function stepClosing(state: ClosingState, event: ClosingEvent, role: Role): ClosingStep {
  if (state.phase === "closed") return stay(state);
  if (state.phase === "disconnected") return stepDisconnected(state, event);
  switch (event.type) {
    case "close":
      return onClose(state, event.status);
    case "closeReceived":
      return onCloseReceived(state, event.status, role);
    case "fail":
      return onFail(state, event.status, role);
    case "inputEnded":
      return onInputEnded(state);
    case "transportClosed":
      return onTransportClosed(state, event.allRead);
    case "timeout":
    case "lost":
      return { state: discarding(state), effects: [END_INPUT, DESTROY_TRANSPORT] };
  }
}

/** Nothing can be sent any more. The connection is closed as soon as the rest of the input was read. */
function stepDisconnected(state: ClosingState & { phase: "disconnected" }, event: ClosingEvent): ClosingStep {
  switch (event.type) {
    case "closeReceived":
      return close({ phase: "closed", received: event.status, initiator: state.initiator ?? "remote" });
    case "fail":
    case "inputEnded":
    case "timeout":
    case "lost":
      return close(CUT_OFF);
    case "close":
    case "transportClosed":
      return stay(state);
  }
}

/** A WebSocket connection is never open on one side only: no data that we send after the peer's end is read. */
function onInputEnded(state: ClosingState): ClosingStep {
  return { state: discarding(state), effects: [END_INPUT, START_TIMER, END_TRANSPORT] };
}

function onTransportClosed(state: ClosingState, allRead: boolean): ClosingStep {
  if (state.phase === "closeAcknowledged") return close({ ...state, phase: "closed" });
  if (allRead || !canRead(state)) return close(CUT_OFF);
  const initiator = state.phase === "closedByUs" ? "local" : null;
  return { state: { phase: "disconnected", initiator }, effects: [] };
}

/** Nothing is read or sent any more. The peer's close status, if one came, stays known. */
function discarding(state: ClosingState): ClosingState {
  return canRead(state) ? FAILED : state;
}

function close(state: ClosingState): ClosingStep {
  return { state, effects: [END_INPUT, FINISH] };
}

function stay(state: ClosingState): ClosingStep {
  return { state, effects: [] };
}

/** Section 7.1.2: "an endpoint MUST send a Close control frame". */
function onClose(state: ClosingState, status: CloseStatus): ClosingStep {
  if (state.phase !== "open") return stay(state);
  return { state: CLOSED_BY_US, effects: [{ type: "sendClose", status }, START_TIMER] };
}

/**
 * Section 5.5.1: an endpoint that has sent no Close frame "MUST send a Close frame in response", usually with the same
 * code.
 */
function onCloseReceived(state: ClosingState, status: CloseStatus, role: Role): ClosingStep {
  if (!canRead(state)) return stay(state);
  const initiator = state.phase === "closedByUs" ? "local" : "remote";
  const next: ClosingState = { phase: "closeAcknowledged", received: status, initiator };
  return { state: next, effects: [...closeFrame(state, status), END_INPUT, ...closeTransport(role)] };
}

/** Section 7.1.7: "the endpoint SHOULD send a Close frame with an appropriate status code" and then close. */
function onFail(state: ClosingState, status: CloseStatus, role: Role): ClosingStep {
  if (!canRead(state)) return stay(state);
  return { state: FAILED, effects: [...closeFrame(state, status), END_INPUT, ...closeTransport(role)] };
}

/** The Close frame of an endpoint that has sent none yet. */
function closeFrame(state: ClosingState, status: CloseStatus): readonly ClosingEffect[] {
  return state.phase === "open" ? [{ type: "sendClose", status }, START_TIMER] : [];
}
