/** Sockets of the browser's class, for one test each. */
import { once } from "node:events";
import { onTestFinished } from "vitest";
import { type Connection, WebSocket, type WebSocketEventMap, type WebSocketOptions } from "../../src/index.ts";
import { type Handshaking, serve } from "./servers.ts";

/** A socket that connects, and is closed when the test is finished. */
export function connecting(url: string | URL, protocols?: string | Iterable<string> | WebSocketOptions): WebSocket {
  const socket = protocols === undefined ? new WebSocket(url) : new WebSocket(url, protocols);
  onTestFinished(() => socket.close());
  return socket;
}

/** The next event of a type. */
export function nextEvent<Type extends keyof WebSocketEventMap>(
  socket: WebSocket,
  type: Type,
): Promise<WebSocketEventMap[Type]> {
  return new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
}

/** A socket that is open. */
export async function opened(
  url: string | URL,
  protocols?: string | Iterable<string> | WebSocketOptions,
): Promise<WebSocket> {
  const socket = connecting(url, protocols);
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", ({ error }) => reject(error), { once: true });
  });
  return socket;
}

/** Notes each event as one line: its type, and what it says. */
export function eventLog(socket: WebSocket): string[] {
  const log: string[] = [];
  socket.addEventListener("open", () => log.push("open"));
  socket.addEventListener("message", ({ data }) => log.push(`message ${data}`));
  socket.addEventListener("error", () => log.push("error"));
  socket.addEventListener("close", ({ code, reason, wasClean }) => {
    log.push(`close ${code} ${JSON.stringify(reason)} ${wasClean ? "clean" : "unclean"}`);
  });
  return log;
}

/** An open socket and the server's end of it. */
export async function pair(options: Handshaking<undefined> = {}): Promise<{ socket: WebSocket; peer: Connection }> {
  const { server, url } = await serve(options);
  const connected = once(server, "connection") as Promise<[Connection]>;
  const socket = await opened(url);
  const [peer] = await connected;
  return { socket, peer };
}

/** A socket that takes any arguments. */
export type LooseSocket = Omit<WebSocket, "send" | "close" | "binaryType"> & {
  send(...given: unknown[]): void;
  close(...given: unknown[]): void;
  binaryType: unknown;
};

export function loose(socket: WebSocket): LooseSocket {
  return socket as unknown as LooseSocket;
}
