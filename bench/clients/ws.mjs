import { once } from "node:events";
import { WebSocket } from "ws";
import { options, payload, report, url } from "./report.mjs";

for (let index = 0; index < options.connections; index++) {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  await once(socket, "open");
  socket.on("message", () => socket.send(payload));
  for (let count = 0; count < options.inFlight; count++) socket.send(payload);
}
report();
