import type { Duplex } from "node:stream";
import { formatRefusal, type RefusalParts } from "../handshake/server-response.ts";

/** Milliseconds that a peer has to read a refusal and close. */
const LINGER = 2_000;

/**
 * Answers a request with a refusal and ends the socket. For a while, bytes that the peer still sends are discarded:
 * closing on unread bytes would reset the connection, and the peer might never see the answer (RFC 9112 section 9.6).
 */
export function refuse(socket: Duplex, refusal: RefusalParts): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(formatRefusal(refusal));
  socket.removeAllListeners("data");
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), LINGER).unref();
  // A peer that has ended its direction may still be reading.
  socket.once("end", () =>
    socket.writableFinished ? socket.destroy() : socket.once("finish", () => socket.destroy()),
  );
  socket.once("close", () => clearTimeout(timer));
}
