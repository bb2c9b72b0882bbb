import { WebSocketServer } from "tautline";
import { broadcastText, options, report } from "./report.mjs";

const server = new WebSocketServer({
  port: 0,
  host: "127.0.0.1",
  perMessageDeflate: options.compress ? { threshold: 0 } : false,
  ...(options.tls ? { tls: options.tls } : {}),
});

function broadcast() {
  for (let count = 0; count < options.perTick; count++) server.broadcast(broadcastText);
}

server.on("connection", (connection) => {
  connection.on("message", options.perTick ? broadcast : (data) => connection.send(data));
});
server.on("listening", () => report(server.address().port));
