import { WebSocketServer } from "tautline";
import { options, report } from "./report.mjs";

const perMessageDeflate = options.compress ? { threshold: 0 } : false;
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
server.on("connection", (connection) => {
  connection.on("message", (data) => connection.send(data));
});
server.on("listening", () => report(server.address().port));
