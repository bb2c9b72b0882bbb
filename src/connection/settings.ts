import { constants } from "node:buffer";
import { wholeNumber } from "../whole-number.ts";
import type { KeepAliveSettings } from "./keep-alive.ts";

/** What one can set for a connection, on a server for all of its connections. */
export interface ConnectionOptions {
  /** The longest message that is accepted, in bytes. From 1 to about 2^29; 16 MiB by default. */
  maxPayload?: number | undefined;
  /** From this many unsent bytes on `send()` returns `false`. 64 KiB by default. */
  highWaterMark?: number | undefined;
  /**
   * The most bytes that may wait to be sent; 16 MiB by default. A message alone is never too long: the limit is for
   * what waits behind others. A ping or pong that would pass it is not sent.
   */
  maxBufferedAmount?: number | undefined;
  /**
   * What happens to a message that would pass `maxBufferedAmount`: `"close"` ends the connection, since a peer that
   * reads so slowly would miss it (default); `"drop"` drops the message, and a `"drop"` event tells.
   */
  overflow?: "close" | "drop" | undefined;
  /** How many bytes of messages may wait for a listener before reading pauses. 256 KiB by default. */
  maxQueuedAmount?: number | undefined;
  /** Milliseconds between pings; 0 for none. 30,000 by default. */
  pingInterval?: number | undefined;
  /**
   * Milliseconds after a ping within which something must arrive, or the peer must take something that waits for it.
   * A time in which the event loop stalls does not count. 20,000 by default; it should be longer than the peer needs
   * to read the few MiB that the system may hold for it.
   */
  pingTimeout?: number | undefined;
  /**
   * Milliseconds without a message in either direction until the connection is closed with 1001; 0 (default): never.
   * While the peer takes what waits for it, a message is under way.
   */
  idleTimeout?: number | undefined;
  /** Milliseconds that the closing handshake may take before the socket is destroyed. 10,000 by default. */
  closeTimeout?: number | undefined;
}

/** The options with their defaults, checked. */
export interface ConnectionSettings extends KeepAliveSettings {
  readonly maxPayload: number;
  readonly highWaterMark: number;
  readonly maxBufferedAmount: number;
  readonly overflow: "close" | "drop";
  readonly maxQueuedAmount: number;
  readonly closeTimeout: number;
}

/** The longest time that node's timers can wait. */
export const MAX_TIMEOUT = 2 ** 31 - 1;
const MIB = 1 << 20;

function overflowPolicy(value: unknown): "close" | "drop" {
  if (value === undefined || value === "close") return "close";
  if (value === "drop") return "drop";
  throw new TypeError(`overflow must be "close" or "drop", not ${String(value)}`);
}

/** @throws RangeError or TypeError naming the option that is not valid */
export function resolveSettings(options: ConnectionOptions): ConnectionSettings {
  const bytes = (name: keyof ConnectionOptions, fallback: number) =>
    wholeNumber(name, options[name], fallback, 1, Number.MAX_SAFE_INTEGER);
  const milliseconds = (name: keyof ConnectionOptions, fallback: number, lowest: number) =>
    wholeNumber(name, options[name], fallback, lowest, MAX_TIMEOUT);
  return Object.freeze({
    // A longer text could not become a string.
    maxPayload: wholeNumber("maxPayload", options.maxPayload, 16 * MIB, 1, constants.MAX_STRING_LENGTH),
    highWaterMark: bytes("highWaterMark", 65_536),
    maxBufferedAmount: bytes("maxBufferedAmount", 16 * MIB),
    overflow: overflowPolicy(options.overflow),
    maxQueuedAmount: bytes("maxQueuedAmount", 262_144),
    pingInterval: milliseconds("pingInterval", 30_000, 0),
    pingTimeout: milliseconds("pingTimeout", 20_000, 1),
    idleTimeout: milliseconds("idleTimeout", 0, 0),
    closeTimeout: milliseconds("closeTimeout", 10_000, 1),
  });
}
