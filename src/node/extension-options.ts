import {
  checkExtensions,
  type Extension,
  type PerMessageDeflateOptions,
  permessageDeflate,
} from "../extensions/index.ts";

/** Which extensions a server accepts, or a client offers. */
export interface ExtensionOptions {
  /** Compression by permessage-deflate (RFC 7692): `false` for none, or how. `true` by default. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /**
   * Extensions of the application's own, the most wanted first. A client offers them before compression, so that what
   * they make of a message is compressed.
   */
  extensions?: readonly Extension[] | undefined;
}

const DEFLATE = "permessage-deflate";

/** @throws TypeError or RangeError naming the option that is not valid */
export function resolveExtensions({ perMessageDeflate, extensions = [] }: ExtensionOptions): readonly Extension[] {
  if (!Array.isArray(extensions)) throw new TypeError("extensions must be a list of extensions");
  const resolved = [...extensions];
  // Who brings an own one does not want another by default.
  const byDefault = !resolved.some(({ name }) => name === DEFLATE);
  const deflate = perMessageDeflate ?? byDefault;
  if (typeof deflate === "object") resolved.push(permessageDeflate(deflate));
  else if (deflate === true) resolved.push(permessageDeflate());
  else if (deflate !== false)
    throw new TypeError(`perMessageDeflate must be true, false or its options, not ${deflate}`);
  checkExtensions(resolved);
  return Object.freeze(resolved);
}
