import { options, payload, report, url } from "./report.mjs";

/** A client with a class that has the API of browsers. */
export async function runClient(WebSocket) {
  for (let index = 0; index < options.connections; index++) {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    socket.addEventListener("message", () => socket.send(payload));
    for (let count = 0; count < options.inFlight; count++) socket.send(payload);
  }
  report();
}
