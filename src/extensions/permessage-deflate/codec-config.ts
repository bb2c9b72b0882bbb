/** How one side of a connection compresses, and how its peer does. */
export interface CodecConfig {
  readonly level: number;
  readonly memLevel: number;
  /** Messages of fewer bytes are sent as they are unless `send()` says otherwise. */
  readonly threshold: number;
  /** What we compress with, the base-2 logarithm of the window in bytes: 8 to 15. */
  readonly encodeWindowBits: number;
  readonly encodeTakeover: boolean;
  /** What the peer compresses with. */
  readonly decodeWindowBits: number;
  readonly decodeTakeover: boolean;
}
