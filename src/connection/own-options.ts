import type { SendOptions } from "../extensions/index.ts";

const BY_LENGTH: SendOptions = Object.freeze({});
const COMPRESSED: SendOptions = Object.freeze({ compress: true });
const PLAIN: SendOptions = Object.freeze({ compress: false });

/**
 * The options of `send()` as they are now: a message may have to wait, and the application may change its object
 * meanwhile. If the object cannot be read, this throws in the call of `send()`, and not when the message is encoded.
 */
export function ownOptions(options: SendOptions | null): SendOptions {
  const compress = options?.compress ?? null;
  if (compress === null) return BY_LENGTH;
  return compress ? COMPRESSED : PLAIN;
}
