// An echo with a violation: a message of length 125 comes back without its first byte.
import { WebSocketServer } from "tautline";

const server = new WebSocketServer({ port: 0, host: process.argv[2] });
server.on("connection", (connection) => {
  connection.on("message", (data) => connection.send(data.length === 125 ? data.slice(1) : data));
});
server.on("listening", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
