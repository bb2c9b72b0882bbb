import { createHash } from "node:crypto";

/** A short form by which messages can be told apart: long ones are slow to compare, and unreadable when they differ. */
export function digest(data: string | Uint8Array): string {
  return `${typeof data} ${data.length} ${createHash("sha1").update(data).digest("base64")}`;
}
