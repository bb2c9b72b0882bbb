// A user's program. It is never run: test/types.test.ts compiles it against the shipped types, as strictly as a user can,
// without skipping the library's own declarations.
import { createServer } from "node:http";
import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  type ArgumentErrorCode,
  CloseEvent,
  ConnectError,
  type Connection,
  connect,
  createWebSocketStream,
  MessageEvent,
  prepare,
  RefusalError,
  refuse,
  WebSocket,
  WebSocketError,
  type WebSocketErrorEvent,
  WebSocketServer,
  WebSocketStream,
  type WebSocketStreamOptions,
} from "tautline";
import { parseExtensionHeader } from "tautline/extensions";
import { FrameParser, MessageAssembler } from "tautline/framing";
import { judgeRequest } from "tautline/handshake";
import type { WebSocket as UndiciWebSocket } from "undici-types";

const key = "";
const cert = "";
const origins = ["https://example.com"];

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  tls: { key, cert },
  maxPayload: 1 << 20,
  perMessageDeflate: { threshold: 0 },
  protocols: ["chat"],
  origins,
});
server.on("listening", () => server.address().port);
server.on("connection", (connection, request) => {
  connection.on("message", (data) => connection.send(data));
  connection.on("close", (code, reason) => `${code.toFixed()} ${reason.trim()}`);
  request.headers["host"]?.trim();
});
server.on("refused", (error, request, remoteAddress) => {
  if (error instanceof RefusalError) `${error.status} ${request?.url ?? ""} ${remoteAddress ?? ""}`.trim();
});
for (const open of server.connections) open.ping();
server.broadcast("to all");
const prepared = prepare(new Uint8Array(3), { compress: false });
server.on("connection", (connection) => {
  connection.on("message", (data) => server.broadcast(data, { except: connection }));
  connection.on("drop", (data) => typeof data === "string" || data.byteLength.toFixed());
  connection.send(prepared);
});
server.broadcast(prepared, { except: [...server.connections] });
await server.close();

const httpServer = createServer();
new WebSocketServer({ server: httpServer, path: "/ws" });
const byHand = new WebSocketServer({ noServer: true });
httpServer.on("upgrade", (request, socket, head) => byHand.handleUpgrade(request, socket, head));

const members = new WebSocketServer({
  port: 0,
  origins: ["https://*.example.com"],
  authenticate: async (request) =>
    request.headers["cookie"] === undefined
      ? refuse(401, "no cookie", [["WWW-Authenticate", "Cookie"]])
      : { user: "somebody" },
  headers: (_request, { user }) => new Map([["X-User", [user]]]),
});
members.on("connection", (connection) => connection.auth.user.trim());

try {
  const connection: Connection = await connect("wss://127.0.0.1:4000/path", {
    protocols: ["chat"],
    headers: { Cookie: "a=b" },
    perMessageDeflate: true,
    maxPayload: 1 << 20,
    handshakeTimeout: 2_000,
    signal: AbortSignal.timeout(5_000),
    tls: { ca: cert },
  });
  for await (const message of connection) {
    if (typeof message === "string") message.trim();
    else message.readUInt8();
  }
} catch (error) {
  if (error instanceof ConnectError) {
    error.response?.status.toFixed();
    error.response?.headers.location?.trim();
    error.response?.headers["set-cookie"]?.map((cookie) => cookie.trim());
    if (error.code === "CONNECTION_REFUSED") error.section.toUpperCase();
  }
}

const pieces = await connect("ws://127.0.0.1:4000/", { maxStreamPayload: Number.POSITIVE_INFINITY });
for await (const message of pieces.streams()) {
  if (message.type === "text") for await (const piece of message) piece.trim();
  else for await (const piece of message) piece.readUInt8();
}
await pieces.sendStream(Readable.from(["one", "two"]), { type: "text", compress: true });
await pieces.sendStream(new Blob(["bytes"]).stream(), { signal: AbortSignal.timeout(1_000) });
await pieces.drained({ signal: AbortSignal.timeout(1_000) });
await pipeline(createWebSocketStream(pieces, { objectMode: true }), new PassThrough({ objectMode: true }));
const { code, reason, error: ended } = await pieces.closed;
`${code.toFixed()} ${reason.trim()} ${ended?.code.trim() ?? ""}`.trim();
{
  await using closing = await connect("ws://127.0.0.1:4000/");
  await using disposed = new WebSocketServer({ noServer: true });
  closing.send(`${disposed.connections.size}`);
}
await server.close({ timeout: 1_000, signal: AbortSignal.timeout(500) });

await connect("ws://127.0.0.1:4000/", { headers: new Headers({ Origin: "https://example.com" }) });
await connect("ws://127.0.0.1:4000/", { headers: [["Cookie", "a=b"]] });
try {
  // @ts-expect-error: the options of ws have other names here.
  new WebSocketServer({ port: 0, verifyClient: () => false });
  // @ts-expect-error: there are no callbacks.
  new WebSocketServer({ port: 0 }, () => {});
} catch (error) {
  const code: ArgumentErrorCode = "OPTION_UNKNOWN";
  if (error instanceof TypeError && "code" in error) console.log(error.code === code);
}

// The browser's class. It is assignable to node's own class.
const socket = new WebSocket("wss://example.com/chat", {
  base: new URL("https://example.com/"),
  origin: "https://example.com",
  protocols: ["v1"],
  tls: { ca: cert },
});
socket.binaryType = "arraybuffer";
socket.onopen = () => socket.send("hello");
socket.onmessage = ({ data, origin }) => `${data} ${origin.trim()}`;
socket.onclose = ({ code, reason, wasClean }) => wasClean || `${code.toFixed()} ${reason.trim()}`;
socket.onerror = ({ error }: WebSocketErrorEvent) => error?.message.trim();
socket.addEventListener("message", (event) => event instanceof MessageEvent, { once: true });
socket.addEventListener("close", function (event) {
  if (event instanceof CloseEvent) this.send(new Uint8Array(1));
});
socket.addEventListener("anything", (event) => event.type.trim());
if (socket.readyState === WebSocket.OPEN) socket.close(1000, "done");
// @ts-expect-error: the options of undici have other names here.
new WebSocket("ws://127.0.0.1:4000/", { dispatcher: {} });
export const standIn: typeof UndiciWebSocket = WebSocket;

export const subPaths = [FrameParser, MessageAssembler, judgeRequest, parseExtensionHeader];

const streamOptions: WebSocketStreamOptions = {
  protocols: ["chat"],
  signal: AbortSignal.timeout(1000),
  base: "ws://a/",
};
const socketStream = new WebSocketStream("/chat", streamOptions);
const { readable, writable, protocol, extensions } = await socketStream.opened;
for await (const chunk of readable) typeof chunk === "string" ? chunk.trim() : chunk.subarray(1);
await readable.pipeTo(writable);
const streamWriter = writable.getWriter();
await streamWriter.write(new Uint8Array(1));
await streamWriter.write(`${protocol} ${extensions}`);
await streamWriter.abort(new WebSocketError("m", { closeCode: 4000, reason: "r" }));
socketStream.close({ reason: "done" });
`${(await socketStream.closed).closeCode.toFixed()} ${socketStream.url}`.trim();
