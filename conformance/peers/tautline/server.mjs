import { WebSocketServer } from "tautline";

const server = new WebSocketServer({ port: 0, host: process.argv[2], perMessageDeflate: { threshold: 0 } });
server.on("connection", (connection) => {
  connection.on("message", (data) => connection.send(data));
});
server.on("listening", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
