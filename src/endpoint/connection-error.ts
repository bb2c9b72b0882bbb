import { sentence, withoutStack } from "../errors.ts";
import type { Violation } from "../framing/index.ts";
import { type ConnectionLoss, ConnectionLosses } from "./connection-losses.ts";

/** Why an open connection failed. `closeCode` is the code of the Close frame that we sent, 1006 if we sent none. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: string;
  readonly section: string;
  readonly closeCode: number;

  constructor(row: Violation | ConnectionLoss, detail = "", options?: ErrorOptions) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.closeCode = "closeCode" in row ? row.closeCode : 1006;
  }
}

/** The error of a violation, and what caused it if that was an exception. */
export function failedBy(violation: Violation, cause: unknown): ConnectionError {
  if (cause === undefined) return new ConnectionError(violation);
  return new ConnectionError(violation, cause instanceof Error ? cause.message : String(cause), { cause });
}

/** The error of a connection whose transport ended before the closing handshake. @param cause that of the transport */
export function cutOffBy(cause: Error | null): ConnectionError {
  const { TRANSPORT_FAILED, CUT_OFF } = ConnectionLosses;
  if (cause === null) return withoutStack(() => new ConnectionError(CUT_OFF));
  return withoutStack(() => new ConnectionError(TRANSPORT_FAILED, cause.message, { cause }));
}
