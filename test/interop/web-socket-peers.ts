/** The servers that the scenarios of web-socket-scenarios.ts run against: one of Tautline, one of `ws`. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocketServer as WsServer, type WebSocket as WsSocket } from "ws";
import { attach } from "../support/servers.ts";

interface Peer {
  send(data: string | Uint8Array): unknown;
  close(code?: number, reason?: string): void;
  terminate(): void;
}

/** Echoes a message, or does what it says. */
function obey(peer: Peer, data: string | Uint8Array): void {
  const [command, code, ...reason] = typeof data === "string" ? data.split(" ") : [];
  if (command === "!texts") for (const text of ["a", "b", "c"]) peer.send(text);
  if (command === "!binaries") for (let count = 0; count < 3; count++) peer.send(new Uint8Array([count]));
  if (command === "!close") peer.close(code === undefined ? undefined : Number(code), reason.join(" "));
  else if (command === "!reset") peer.terminate();
  else if (command === "!texts" || command === "!binaries") peer.close(1000);
  else peer.send(data);
}

const REFUSED = "/refused";
const WITHOUT = "/without";

async function tautline(): Promise<string> {
  const { server, url } = await attach({
    authenticate: ({ url: target }) => target !== REFUSED && {},
    protocols: (offered, { target }) => (target === WITHOUT ? null : offered.find((each) => each === "chat")),
  });
  server.on("connection", (connection) => connection.on("message", (data) => obey(connection, data)));
  return url;
}

async function ws(): Promise<string> {
  const server = new WsServer({
    port: 0,
    host: "127.0.0.1",
    perMessageDeflate: true,
    verifyClient: (info: { req: IncomingMessage }) => info.req.url !== REFUSED,
    handleProtocols: (offered, { url }) => (url !== WITHOUT && offered.has("chat") ? "chat" : false),
  });
  onTestFinished(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on("connection", (socket: WsSocket) => {
    socket.on("error", () => {});
    socket.on("message", (data, isBinary) => obey(socket, isBinary ? (data as Buffer) : data.toString()));
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a server, and gives its URL without a path. */
export const PEERS: Readonly<Record<string, () => Promise<string>>> = { Tautline: tautline, ws };
