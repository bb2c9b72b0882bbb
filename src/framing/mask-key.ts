import { randomFillSync } from "node:crypto";

/** Keys drawn at once: one call of the generator costs as much as hundreds of keys. */
const POOL_SIZE = 2048;
const pool = new Int32Array(POOL_SIZE);
let used = POOL_SIZE;

/**
 * A fresh masking key for one frame. RFC 6455 section 5.3: "the masking key MUST be derived from a strong source
 * of entropy, and the masking key for a given frame MUST NOT make it simple for a server/proxy to predict the
 * masking key for a subsequent frame."
 */
export function nextMaskKey(): number {
  if (used === POOL_SIZE) {
    randomFillSync(pool);
    used = 0;
  }
  const key = pool[used] as number;
  // A key that was used stays nowhere in memory but in its frame.
  pool[used++] = 0;
  return key;
}
