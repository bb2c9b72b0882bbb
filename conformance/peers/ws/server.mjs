import { WebSocketServer } from "ws";

const server = new WebSocketServer({ port: 0, host: process.argv[2], perMessageDeflate: { threshold: 0 } });
server.on("connection", (socket) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  // A violation by the peer is an error event.
  socket.on("error", () => {});
});
server.on("listening", () => console.log(server.address().port));
process.stdin.on("end", () => process.exit()).resume();
