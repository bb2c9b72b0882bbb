import { broadcastText, options, report } from "./report.mjs";

const compress = options.compress === true;
const dedicated = { compress: "dedicated", decompress: "dedicated" };

function broadcast() {
  for (let count = 0; count < options.perTick; count++) server.publish("all", broadcastText, compress);
}

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  ...(options.tls ? { tls: options.tls } : {}),
  fetch: (request, http) => (http.upgrade(request) ? undefined : new Response("", { status: 426 })),
  websocket: {
    perMessageDeflate: compress ? dedicated : false,
    backpressureLimit: 64 << 20,
    open: (socket) => (options.perTick ? socket.subscribe("all") : undefined),
    message: options.perTick ? broadcast : (socket, data) => void socket.send(data, compress),
  },
});
report(server.port);
