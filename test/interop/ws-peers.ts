/** `ws` as the peer of one test. A server listens on a free port of 127.0.0.1; all peers end when the test is finished. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { type RawData, type ServerOptions, WebSocket, WebSocketServer as WsServer } from "ws";

/** A client that is open, and the response that opened it. */
export async function wsUpgraded(
  url: string,
  protocols: string[] = [],
  options: object = {},
): Promise<{ client: WebSocket; response: IncomingMessage }> {
  const client = new WebSocket(url, protocols, options);
  onTestFinished(() => client.terminate());
  const [[response]] = await Promise.all([once(client, "upgrade") as Promise<[IncomingMessage]>, once(client, "open")]);
  return { client, response };
}

export async function wsClient(url: string, protocols: string[] = [], options: object = {}): Promise<WebSocket> {
  return (await wsUpgraded(url, protocols, options)).client;
}

export async function wsServer(options: ServerOptions = {}): Promise<{ server: WsServer; url: string }> {
  const server = new WsServer({ port: 0, host: "127.0.0.1", ...options });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  await once(server, "listening");
  return { server, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Text as a string, bytes as one Buffer. */
export function wsData(data: RawData, isBinary: boolean): string | Buffer {
  return isBinary ? (data as Buffer) : String(data);
}

export function wsEcho(server: WsServer): void {
  server.on("connection", (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
}

export async function wsMessage(socket: WebSocket): Promise<string | Buffer> {
  const [data, isBinary] = (await once(socket, "message")) as [RawData, boolean];
  return wsData(data, isBinary);
}

export async function accepted(server: WsServer): Promise<WebSocket> {
  return (await once(server, "connection"))[0] as WebSocket;
}
