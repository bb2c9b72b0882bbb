import { sentence } from "../errors.ts";
import type { Violation } from "../framing/index.ts";
import type { ConnectionLoss } from "./connection-losses.ts";

/** Why an open connection failed. `closeCode` is what the peer was told; 1006 where it could not be told. */
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
