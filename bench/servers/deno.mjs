import process from "node:process";
import { broadcastText, options, report } from "./report.mjs";

const sockets = new Set();

function broadcast() {
  for (let count = 0; count < options.perTick; count++) {
    for (const socket of sockets) socket.send(broadcastText);
  }
}

const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {}, ...options.tls }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  socket.onmessage = options.perTick ? broadcast : ({ data }) => socket.send(data);
  return response;
});
globalThis.process ??= process;
report(server.addr.port);
