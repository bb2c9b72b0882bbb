import type { Duplex } from "node:stream";

const ADOPTER = Symbol("adopter");

interface AdoptableSocket extends Duplex {
  [ADOPTER]?: Adopter;
}

/** A WebSocket server, and how it got a socket. */
export interface Adopter {
  readonly server: object;
  /** Continues "this socket was given to a WebSocketServer already: to this one, ...". */
  readonly way: string;
}

/** The ways in which a server gets a socket. */
export const ADOPTION_WAYS = Object.freeze({
  port: "which accepted it on its own port",
  server:
    'which answers the upgrades of its HTTP server by itself (its option "server"); to call handleUpgrade(), use noServer: true',
  hand: "by an earlier call of handleUpgrade()",
  noPath: "which is attached to the HTTP server, and which refused the request because no WebSocket has its path",
});

/**
 * Marks a socket as taken by a server, permanently: a second handshake would write into the frames of the first
 * connection, and a socket that was refused or has closed cannot carry another one.
 *
 * @throws Error with the code SOCKET_ALREADY_ADOPTED, naming the server that has it
 */
export function adopt(socket: Duplex, adopter: Adopter): void {
  const earlier = (socket as AdoptableSocket)[ADOPTER];
  if (earlier !== undefined) throw alreadyAdopted(earlier, adopter);
  (socket as AdoptableSocket)[ADOPTER] = adopter;
}

export function isAdopted(socket: Duplex): boolean {
  return (socket as AdoptableSocket)[ADOPTER] !== undefined;
}

function alreadyAdopted(earlier: Adopter, later: Adopter): Error {
  const who = earlier.server === later.server ? "this one" : "another one";
  const message = `this socket was given to a WebSocketServer already: to ${who}, ${earlier.way}`;
  return Object.assign(new Error(message), { code: "SOCKET_ALREADY_ADOPTED" });
}
