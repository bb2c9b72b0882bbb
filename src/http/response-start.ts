const START = "HTTP/1.";
const SHOWN_BYTES = 200;

/** A peer that does not answer in HTTP/1.x. */
export interface OtherProtocol {
  /** The protocol, if its first bytes identify it. */
  readonly name: "TLS" | "HTTP/2" | "SSH" | null;
  /** The first bytes that it sent, one character per byte. */
  readonly bytes: string;
}

/** Recognizes the protocols that servers speak on a port that was mistaken for one of HTTP/1.x. */
function nameOf(bytes: string): OtherProtocol["name"] {
  // A TLS record: the type of an alert or a handshake message, then the version.
  if (bytes.startsWith("\x15\x03") || bytes.startsWith("\x16\x03")) return "TLS";
  // The SETTINGS frame that begins HTTP/2 (RFC 9113 section 3.4): its length, then its type.
  if (bytes.startsWith("\0\0") && bytes[3] === "\x04") return "HTTP/2";
  return bytes.startsWith("SSH-") ? "SSH" : null;
}

/**
 * Checks the first bytes of a response, in chunks of any size, so that another protocol is recognized at once and not
 * by a timeout. A server skips an empty line before a request, but a client does not (RFC 9112 section 2.2).
 */
export class ResponseStart {
  #matched = 0;

  /** Whether a byte of the response has arrived. */
  get hasBegun(): boolean {
    return this.#matched > 0;
  }

  /** @returns null as long as the bytes may begin an HTTP/1.x response */
  push(chunk: Buffer): OtherProtocol | null {
    const earlier = START.slice(0, this.#matched);
    const expected = START.slice(this.#matched);
    const bytes = chunk.toString("latin1", 0, expected.length);
    if (!expected.startsWith(bytes)) {
      const shown = earlier + chunk.toString("latin1", 0, SHOWN_BYTES);
      return { name: nameOf(shown), bytes: shown };
    }
    this.#matched += bytes.length;
    return null;
  }
}
