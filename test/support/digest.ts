import { createHash } from "node:crypto";

/** A short form that identifies a message: long ones are slow to compare, and unreadable if they differ. */
export function digest(data: string | Uint8Array): string {
  return `${typeof data} ${data.length} ${createHash("sha1").update(data).digest("base64")}`;
}
