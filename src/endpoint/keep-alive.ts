/**
 * Keep-alive as a pure rule: times in, a verdict out. All times are milliseconds of the sweep's clock. That clock moves
 * in steps, so bytes received in the step of a ping count as received after it.
 */
export interface KeepAliveTimes {
  /** When bytes last arrived. */
  readonly receivedAt: number;
  /** When the last ping was sent, or the connection began. */
  readonly pingedAt: number;
  /** Until when the peer may still be reading what it has taken of a backlog; 0 without one. */
  readonly readBy: number;
  /** When a message last went either way. */
  readonly messageAt: number;
}

export interface KeepAliveSettings {
  /** Milliseconds between pings; 0 for none. */
  readonly pingInterval: number;
  /** Milliseconds within which something must arrive after a ping. */
  readonly pingTimeout: number;
  /** Milliseconds without a message either way after which the connection is closed; 0 for never. */
  readonly idleTimeout: number;
}

export type KeepAliveVerdict = "wait" | "ping" | "dead" | "idle";

export function judgeKeepAlive(now: number, times: KeepAliveTimes, settings: KeepAliveSettings): KeepAliveVerdict {
  if (settings.idleTimeout > 0 && now - times.messageAt >= settings.idleTimeout) return "idle";
  if (settings.pingInterval === 0) return "wait";
  // Any byte is a sign of life, not only the pong: a peer may be in the middle of a long frame.
  if (times.receivedAt < times.pingedAt) {
    // Bytes that the peer takes from us are one as well: it gets the ping only after them.
    const silentSince = Math.max(times.pingedAt, times.readBy);
    return now - silentSince >= settings.pingTimeout ? "dead" : "wait";
  }
  return now - times.pingedAt >= settings.pingInterval ? "ping" : "wait";
}

/** Milliseconds between two sweeps, so that no limit is overstepped by more than a quarter; 0 for no sweeps. */
export function sweepPeriod(settings: KeepAliveSettings): number {
  const limits = [settings.idleTimeout];
  if (settings.pingInterval > 0) limits.push(settings.pingInterval, settings.pingTimeout);
  const shortest = Math.min(...limits.filter((limit) => limit > 0));
  return shortest === Number.POSITIVE_INFINITY ? 0 : Math.max(5, Math.min(1000, Math.floor(shortest / 4)));
}
