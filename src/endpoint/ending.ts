import { Deadline } from "../deadline.ts";
import { ExtensionViolations } from "../extensions/extension-violations.ts";
import {
  CloseCode,
  type CloseStatus,
  encodeClosePayload,
  isCloseCode,
  type Role,
  shortenedReason,
  type Violation,
} from "../framing/index.ts";
import {
  type ClosingEffect,
  type ClosingEvent,
  type ClosingPhase,
  type ClosingState,
  canRead,
  OPEN,
  receivedStatus,
  stepClosing,
} from "./closing-handshake.ts";
import { ConnectionError, cutOffBy, failedBy } from "./connection-error.ts";
import { type ConnectionLoss, ConnectionLosses } from "./connection-losses.ts";
import type { EndpointSettings } from "./settings.ts";

/** Errors that are no failure: the connection ended, and only the close event reports them. */
const ENDINGS: ReadonlySet<string> = new Set([
  ConnectionLosses.TERMINATED.code,
  ConnectionLosses.CUT_OFF.code,
  ConnectionLosses.CLOSE_TIMEOUT.code,
]);

/** Whether the error is a failure of the connection (RFC 6455 section 7.1.7), and not only the way in which it ended. */
function isFailure(error: ConnectionError): boolean {
  return !ENDINGS.has(error.code);
}

/** Carries out what the end of a connection asks for. */
export interface EndingHost {
  readonly settings: Pick<EndpointSettings, "closeTimeout">;
  /** Whether the application holds messages back. */
  readonly isPaused: boolean;
  /** Nothing can be sent any more, other than the Close frame. Called once, before anything else. */
  onOutputEnd(): void;
  onFailure(error: ConnectionError): void;
  /** Sends a Close frame after the messages that were sent before. */
  sendClose(payload: Buffer): void;
  /** Nothing of the peer is read any more. */
  endInput(): void;
  /** Ends our side of the transport after everything that was sent. */
  endTransport(): void;
  destroyTransport(): void;
  /** The connection is closed. */
  onFinished(): void;
}

/**
 * The end of a connection: runs the closing handshake, keeps its time limit, and knows the first error. It is made when
 * the connection begins to end, so an open one has none.
 */
export class Ending {
  readonly #role: Role;
  readonly #host: EndingHost;
  #state: ClosingState = OPEN;
  #error: ConnectionError | null = null;
  #transportError: Error | null = null;
  #deadline: Deadline | null = null;
  /** Events that came within a step. */
  readonly #pending: ClosingEvent[] = [];
  #isStepping = false;
  #isReported = false;
  #isOver = false;
  /** Whether no message follows. */
  isInputEnded = false;

  constructor(role: Role, host: EndingHost) {
    this.#role = role;
    this.#host = host;
  }

  get phase(): ClosingPhase {
    return this.#state.phase;
  }

  get canRead(): boolean {
    return canRead(this.#state);
  }

  /** The code and the reason of the peer's Close frame; 1006 if none came (RFC 6455 section 7.1.5). */
  get closeStatus(): CloseStatus {
    return receivedStatus(this.#state) ?? { code: CloseCode.AbnormalClosure, reason: "" };
  }

  /** Why the connection did not end by the closing handshake, `null` if it did. */
  get error(): ConnectionError | null {
    return receivedStatus(this.#state) === null ? this.#error : null;
  }

  /** The first error, also if the closing handshake was completed. */
  get firstError(): ConnectionError | null {
    return this.#error;
  }

  /** Whether a failure was reported. */
  get hasFailed(): boolean {
    return this.#error !== null && isFailure(this.#error);
  }

  /** Whether the end has been reported, and nothing else may be. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes a step. An event that comes within a step, from a face that is notified of it, is taken after that. */
  step(event: ClosingEvent): void {
    this.#pending.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    const errors: unknown[] = [];
    for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
      errors.push(...this.#take(next));
    }
    this.#isStepping = false;
    if (errors.length > 0) throw errors[0];
  }

  /** Fails the connection over a violation of the peer or an exception here (RFC 6455 section 7.1.7). */
  fail(violation: Violation, cause?: unknown): void {
    if (!this.canRead) return;
    // An extension of the application's own may break a rule in naming one.
    const code = isCloseCode(violation.closeCode)
      ? violation.closeCode
      : ExtensionViolations.EXTENSION_FAILED.closeCode;
    const status = { code, reason: shortenedReason(String(violation.message)) };
    this.#endBy(failedBy(violation, cause), { type: "fail", status });
  }

  /** Ends the connection without a Close frame. */
  lose(loss: ConnectionLoss): void {
    if (this.#state.phase !== "closed") this.#endBy(new ConnectionError(loss), { type: "lost" });
  }

  /** @param allRead whether everything that has arrived was read */
  transportClosed(error: Error | null, allRead: boolean): void {
    this.#transportError = error;
    // Before the step, so that whatever the end of the output cuts off has its cause.
    if (allRead && this.canRead) this.#error ??= cutOffBy(error);
    this.step({ type: "transportClosed", allRead });
  }

  /** Reports an error of a connection that ends anyway. */
  report(error: ConnectionError): void {
    this.#error ??= error;
    this.#isReported = true;
    this.#host.onFailure(error);
  }

  /** The step comes before the report, so that the face finds the connection as it is: nothing can be sent. */
  #endBy(error: ConnectionError, event: ClosingEvent): void {
    this.#error ??= error;
    const isReported = isFailure(error);
    // Without a transport the step closes the connection, and nothing may be reported after that.
    const closesAtOnce = this.#state.phase === "disconnected";
    if (isReported && closesAtOnce) this.report(error);
    this.step(event);
    if (isReported && !closesAtOnce) this.report(error);
  }

  /** @returns the exceptions of the application's own transport or extension: the connection ends all the same */
  #take(event: ClosingEvent): unknown[] {
    const before = this.#state;
    const { state, effects } = stepClosing(before, event, this.#role);
    this.#state = state;
    const isOutputEnd = before.phase === "open" && state.phase !== "open";
    return exceptionsOf([
      ...(isOutputEnd ? [() => this.#host.onOutputEnd()] : []),
      ...effects.map((effect) => () => this.#carryOut(effect)),
    ]);
  }

  #carryOut(effect: ClosingEffect): void {
    switch (effect.type) {
      case "sendClose":
        this.#host.sendClose(encodeClosePayload(effect.status));
        break;
      case "startTimer":
        this.#deadline ??= new Deadline(this.#host.settings.closeTimeout, () => this.#onTimeout());
        break;
      case "endInput":
        this.#host.endInput();
        break;
      case "endTransport":
        this.#host.endTransport();
        break;
      case "destroyTransport":
        this.#stopTimer();
        this.#host.destroyTransport();
        break;
      case "finish":
        this.#finish();
        break;
    }
  }

  #onTimeout(): void {
    if (receivedStatus(this.#state) === null) {
      const detail = this.#host.isPaused
        ? "the application had not taken the messages before the peer's Close frame"
        : "";
      this.#error ??= new ConnectionError(ConnectionLosses.CLOSE_TIMEOUT, detail);
    }
    this.step({ type: "timeout" });
  }

  #stopTimer(): void {
    this.#deadline?.cancel();
    this.#deadline = null;
  }

  #finish(): void {
    this.#stopTimer();
    if (receivedStatus(this.#state) === null) {
      this.#error ??= cutOffBy(this.#transportError);
      if (isFailure(this.#error) && !this.#isReported) this.report(this.#error);
    }
    this.#host.onFinished();
    this.#isOver = true;
  }
}

/** Takes all steps, whatever one of them throws. */
function exceptionsOf(steps: readonly (() => void)[]): unknown[] {
  const errors: unknown[] = [];
  for (const step of steps) {
    try {
      step();
    } catch (error) {
      errors.push(error);
    }
  }
  return errors;
}
