import { invalidOption, type Rule } from "../arguments/index.ts";
import {
  checkExtensions,
  type Extension,
  type PerMessageDeflateOptions,
  permessageDeflate,
} from "../extensions/index.ts";

/** The extensions that a server accepts or a client offers. */
export interface ExtensionOptions {
  /** Compression by permessage-deflate (RFC 7692): `false` for none, or its options. `true` by default. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /**
   * Extensions of the application's own, the most wanted first. A client offers them before compression, so that
   * their results are compressed.
   */
  extensions?: readonly Extension[] | undefined;
}

const DEFLATE = "permessage-deflate";

/** A rule for each of the options. The options of `perMessageDeflate` are checked when the extension is made. */
export const EXTENSION_RULES = {
  perMessageDeflate: (value, name) => {
    if (typeof value === "boolean" || (typeof value === "object" && value !== null && !Array.isArray(value)))
      return value;
    throw invalidOption(name, "true, false or an object of options", value);
  },
  extensions: (value, name) => {
    if (!Array.isArray(value)) throw invalidOption(name, "a list of extensions", value);
    const extensions: readonly Extension[] = [...value];
    checkExtensions(extensions);
    return extensions;
  },
} as const satisfies Record<keyof ExtensionOptions, Rule>;

/**
 * @param options checked options
 * @throws TypeError or RangeError naming the option of `perMessageDeflate` that is not valid
 */
export function resolveExtensions({ perMessageDeflate, extensions = [] }: ExtensionOptions): readonly Extension[] {
  // An application that brings its own does not want another by default.
  const byDefault = !extensions.some(({ name }) => name === DEFLATE);
  const deflate = perMessageDeflate ?? byDefault;
  if (deflate === false) return extensions;
  const resolved = [...extensions, permessageDeflate(deflate === true ? {} : deflate)];
  checkExtensions(resolved);
  return Object.freeze(resolved);
}
