import { options, report } from "./report.mjs";

const compress = options.compress === true;
const dedicated = { compress: "dedicated", decompress: "dedicated" };
const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request, http) => (http.upgrade(request) ? undefined : new Response("", { status: 426 })),
  websocket: {
    perMessageDeflate: compress ? dedicated : false,
    message: (socket, data) => void socket.send(data, compress),
  },
});
report(server.port);
