import type { AddressInfo, Server } from "node:net";

/** The source of the sockets of a WebSocket server. */
export interface SocketSource {
  /** @throws Error that says why, unless it listens on a port */
  address(): AddressInfo;
  /** Takes no more sockets. The promise is fulfilled once nothing listens any more. */
  close(): Promise<void>;
}

/** With `noServer` the application gives the server its sockets. */
export const NO_SOURCE: SocketSource = Object.freeze({
  address: () => {
    throw notListening("with noServer, ask the server that emits the upgrades");
  },
  close: () => Promise.resolve(),
});

export function notListening(why: string): Error {
  return new Error(`the server does not listen on a port: ${why}`);
}

/** @throws Error that says why, unless it listens on a port */
export function portAddress(server: Server): AddressInfo {
  const address = server.address();
  if (address === null) throw notListening("wait for its 'listening' event");
  if (typeof address === "string") throw notListening(`it listens on the pipe ${JSON.stringify(address)}`);
  return address;
}
