import { WebSocketServer } from "ws";
import { options, report } from "./report.mjs";

const perMessageDeflate = options.compress ? { threshold: 0 } : false;
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
server.on("listening", () => report(server.address().port));
