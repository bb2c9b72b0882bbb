import { sentence, withoutStack } from "../errors.ts";
import { CloseCode, type Violation } from "../framing/index.ts";
import { type ConnectionLoss, ConnectionLosses } from "./connection-losses.ts";

/**
 * Why an open connection failed, or ended without the closing handshake. `code` is a name to compare with, `section` the
 * rule, and `closeCode` the code of the Close frame that the peer got; 1006 if it got none.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { ConnectionError, connect, WebSocketServer } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0, maxPayload: 10 });
 * await once(server, "listening");
 * const client = await connect(`ws://localhost:${server.address().port}`);
 * const [connection] = server.connections;
 * assert(connection !== undefined);
 * client.send("longer than ten bytes");
 *
 * const [error] = await once(connection, "error");
 * assert(error instanceof ConnectionError);
 * assert.deepEqual([error.code, error.closeCode], ["MESSAGE_TOO_BIG", 1009]);
 * await server.close();
 * ```
 */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: string;
  readonly section: string;
  readonly closeCode: number;

  constructor(row: Violation | ConnectionLoss, detail = "", options?: ErrorOptions) {
    super(sentence(row, detail), options);
    this.code = row.code;
    this.section = row.section;
    this.closeCode = "closeCode" in row ? row.closeCode : CloseCode.AbnormalClosure;
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
