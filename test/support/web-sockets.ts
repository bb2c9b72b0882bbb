/** Sockets of the browser's class, for one test each. */
import { onTestFinished } from "vitest";
import { WebSocket, type WebSocketEventMap, type WebSocketOptions } from "../../src/index.ts";

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
