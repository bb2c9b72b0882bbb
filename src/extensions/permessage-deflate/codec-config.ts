/** The agreed parameters of one connection, and our own settings. */
export interface CodecConfig {
  /** zlib's compression level, 0 to 9. */
  readonly level: number;
  /** zlib's memory level, 1 to 9. */
  readonly memLevel: number;
  /** Messages of fewer bytes are not compressed, unless `send()` asks for it. */
  readonly threshold: number;
  /** The base-2 logarithm of our window in bytes, 8 to 15. */
  readonly encodeWindowBits: number;
  /** Whether we may use context takeover. */
  readonly encodeTakeover: boolean;
  /** The base-2 logarithm of the peer's window in bytes, 8 to 15. */
  readonly decodeWindowBits: number;
  /** Whether the peer may use context takeover. */
  readonly decodeTakeover: boolean;
}
