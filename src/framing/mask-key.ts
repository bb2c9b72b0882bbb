import { randomFillSync } from "node:crypto";

/** Keys drawn at once: a call of the generator costs as much as hundreds of keys. */
const BATCH_SIZE = 2048;
const batch = new Int32Array(BATCH_SIZE);
let used = BATCH_SIZE;

/**
 * Draws a masking key for one frame from the cryptographic generator. RFC 6455 section 5.3: "the masking key MUST be
 * derived from a strong source of entropy, and the masking key for a given frame MUST NOT make it simple for a
 * server/proxy to predict the masking key for a subsequent frame."
 *
 * @returns a 32-bit integer, which may be negative; its lowest byte is the first octet
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { FIN_BIT, nextMaskKey, Opcode, writeFrame } from "tautline/framing";
 *
 * const target = Buffer.alloc(11);
 * const end = writeFrame(target, 0, FIN_BIT | Opcode.Text, Buffer.from("Hello"), nextMaskKey());
 * assert.equal(end, 11);
 * ```
 */
export function nextMaskKey(): number {
  if (used === BATCH_SIZE) {
    randomFillSync(batch);
    used = 0;
  }
  const key = batch[used] as number;
  // A used key is left in memory in its frame only.
  batch[used++] = 0;
  return key;
}
