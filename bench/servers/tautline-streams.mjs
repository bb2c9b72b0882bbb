// The face that gives each message in pieces: they are put together, so that the echo is the same as that of the others.
import { WebSocketServer } from "tautline";
import { options, report } from "./report.mjs";

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: options.compress ? { threshold: 0 } : false,
  ...(options.tls ? { tls: options.tls } : {}),
});

async function whole(message) {
  const pieces = [];
  for await (const piece of message) pieces.push(piece);
  if (pieces.length === 1) return pieces[0];
  return message.type === "text" ? pieces.join("") : Buffer.concat(pieces);
}

async function echo(connection) {
  for await (const message of connection.streams()) connection.send(await whole(message));
}

// The loop throws when the load resets its connections at the end.
server.on("connection", (connection) => void echo(connection).catch(() => {}));
server.on("listening", () => report(server.address().port));
