// The limit of sockets: it answers the handshake and then returns the bytes as they come, without parsing them.
import { createServer } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { answerUpgrade } from "../load/answer-upgrade.mjs";
import { unmaskedFrame } from "../load/frames.mjs";
import { broadcastText, options, report } from "./report.mjs";

const TEXT = 0x1;
const sockets = new Set();
const frames = Buffer.concat(Array.from({ length: options.perTick ?? 0 }, () => unmaskedFrame(TEXT, broadcastText)));

function broadcast() {
  for (const socket of sockets) socket.write(frames);
}

function answer(socket, head) {
  answerUpgrade(socket, head);
  sockets.add(socket);
  socket.on("data", options.perTick ? broadcast : (chunk) => socket.write(chunk));
}

function accept(socket) {
  socket.once("data", (head) => answer(socket, head));
  socket.on("close", () => sockets.delete(socket)).on("error", () => {});
}

const server = options.tls
  ? createTlsServer({ ...options.tls, noDelay: true }, accept)
  : createServer({ noDelay: true }, accept);
server.listen(0, "127.0.0.1", () => report(server.address().port));
