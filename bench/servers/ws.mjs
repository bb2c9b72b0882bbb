import { createServer } from "node:https";
import { WebSocketServer } from "ws";
import { broadcastText, options, report } from "./report.mjs";

const https = options.tls ? createServer(options.tls) : null;
const where = https ? { server: https } : { port: 0, host: "127.0.0.1" };
const server = new WebSocketServer({ ...where, perMessageDeflate: options.compress ? { threshold: 0 } : false });

function broadcast() {
  for (let count = 0; count < options.perTick; count++) {
    for (const client of server.clients) client.send(broadcastText);
  }
}

server.on("connection", (socket) => {
  socket.on("message", options.perTick ? broadcast : (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => report(server.address().port));
https?.listen(0, "127.0.0.1");
