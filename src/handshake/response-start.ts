import { quoted } from "./quoted.ts";

const START = "HTTP/1.";
const SHOWN_BYTES = 200;

/** Recognizes the protocols that answer on a wrong port or scheme. @returns "" for any other */
function protocolOf(bytes: string): string {
  // A TLS record: an alert or a handshake message, then the version.
  if (bytes.startsWith("\x15\x03") || bytes.startsWith("\x16\x03")) return "TLS: use a wss: URL";
  // The SETTINGS frame that HTTP/2 begins with (RFC 9113 section 3.4): its length, and its type.
  if (bytes.startsWith("\0\0") && bytes[3] === "\x04") return "HTTP/2";
  return bytes.startsWith("SSH-") ? "SSH" : "";
}

function described(bytes: string): string {
  const protocol = protocolOf(bytes);
  return `it begins with ${quoted(bytes)}${protocol === "" ? "" : ` (${protocol})`}`;
}

/**
 * Checks the first bytes of a response, in chunks of any size, so that a peer of another protocol fails the
 * attempt at once and not by a time-out. Unlike a server, a client is not asked to skip an empty line before them (RFC
 * 9112 section 2.2).
 */
export class ResponseStart {
  #matched = 0;

  get hasBegun(): boolean {
    return this.#matched > 0;
  }

  /** @returns the beginning of the response, if it is not that of HTTP/1.x; null otherwise */
  push(chunk: Buffer): string | null {
    const earlier = START.slice(0, this.#matched);
    const expected = START.slice(this.#matched);
    const bytes = chunk.toString("latin1", 0, expected.length);
    if (!expected.startsWith(bytes)) return described(earlier + chunk.toString("latin1", 0, SHOWN_BYTES));
    this.#matched += bytes.length;
    return null;
  }
}
