import { constants } from "node:buffer";
import { oneOf, type Rule, wholeNumber } from "../arguments/index.ts";
import type { KeepAliveSettings } from "./keep-alive.ts";

/** Options of a connection. Those of a server are for all of its connections. */
export interface ConnectionOptions {
  /** The longest message that is accepted, in bytes. From 1 to about 2^29; 16 MiB by default. */
  maxPayload?: number | undefined;
  /**
   * The longest message that `streams()` accepts, in bytes; from 1, `Infinity` by default. `maxPayload` is for whole
   * messages only.
   */
  maxStreamPayload?: number | undefined;
  /** From this many unsent bytes on `send()` returns `false`. 64 KiB by default. */
  highWaterMark?: number | undefined;
  /**
   * The most bytes that may wait to be sent; 16 MiB by default. A message alone is never too long: the limit is for
   * messages that wait behind others. A ping or pong that would pass it is not sent.
   */
  maxBufferedAmount?: number | undefined;
  /**
   * What happens to a message that would pass `maxBufferedAmount`: `"close"` ends the connection, since a peer that
   * reads so slowly would miss it (default); `"drop"` drops the message, and a `"drop"` event is emitted.
   */
  overflow?: "close" | "drop" | undefined;
  /** How many bytes of messages may wait for the application before reading stops. 256 KiB by default. */
  maxQueuedAmount?: number | undefined;
  /** Milliseconds between pings; 0 for none. 30,000 by default. */
  pingInterval?: number | undefined;
  /**
   * Milliseconds after a ping within which something must arrive, or the peer must take something that waits for it.
   * Time during which the event loop stalls does not count. 20,000 by default; it should be longer than the peer needs
   * to read the few MiB that the system may hold for it.
   */
  pingTimeout?: number | undefined;
  /**
   * Milliseconds without a message in either direction until the connection is closed with 1001; 0 (default): never.
   * While the peer takes waiting bytes, a message is under way. Time during which reading has stopped because the
   * application holds messages back does not count.
   */
  idleTimeout?: number | undefined;
  /** Milliseconds that the closing handshake may take before the socket is destroyed. 10,000 by default. */
  closeTimeout?: number | undefined;
}

/** The options with their defaults, checked. */
export interface EndpointSettings extends KeepAliveSettings {
  readonly maxPayload: number;
  readonly maxStreamPayload: number;
  readonly highWaterMark: number;
  readonly maxBufferedAmount: number;
  readonly overflow: "close" | "drop";
  readonly maxQueuedAmount: number;
  readonly closeTimeout: number;
}

/** The longest time that node's timers can wait. */
export const MAX_TIMEOUT = 2 ** 31 - 1;
const MIB = 1 << 20;

const anyAmount = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const anyTime = wholeNumber(0, MAX_TIMEOUT);
const someTime = wholeNumber(1, MAX_TIMEOUT);

/** A rule for each of the options. */
export const CONNECTION_RULES = {
  // A longer text could not become a string.
  maxPayload: wholeNumber(1, constants.MAX_STRING_LENGTH),
  maxStreamPayload: (value, name) => (value === Number.POSITIVE_INFINITY ? value : anyAmount(value, name)),
  highWaterMark: anyAmount,
  maxBufferedAmount: anyAmount,
  overflow: oneOf("close", "drop"),
  maxQueuedAmount: anyAmount,
  pingInterval: anyTime,
  pingTimeout: someTime,
  idleTimeout: anyTime,
  closeTimeout: someTime,
} as const satisfies Record<keyof ConnectionOptions, Rule>;

/** @param options checked options */
export function resolveSettings(options: ConnectionOptions): EndpointSettings {
  return Object.freeze({
    maxPayload: options.maxPayload ?? 16 * MIB,
    maxStreamPayload: options.maxStreamPayload ?? Number.POSITIVE_INFINITY,
    highWaterMark: options.highWaterMark ?? 65_536,
    maxBufferedAmount: options.maxBufferedAmount ?? 16 * MIB,
    overflow: options.overflow ?? "close",
    maxQueuedAmount: options.maxQueuedAmount ?? 262_144,
    pingInterval: options.pingInterval ?? 30_000,
    pingTimeout: options.pingTimeout ?? 20_000,
    idleTimeout: options.idleTimeout ?? 0,
    closeTimeout: options.closeTimeout ?? 10_000,
  });
}
