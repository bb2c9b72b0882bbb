const server = Bun.serve({
  port: 0,
  hostname: process.argv[2],
  fetch: (request, http) => (http.upgrade(request) ? undefined : new Response("", { status: 426 })),
  websocket: {
    perMessageDeflate: true,
    maxPayloadLength: 32 << 20,
    backpressureLimit: 64 << 20,
    message: (socket, data) => void socket.send(data, true),
  },
});
console.log(server.port);
process.stdin.on("end", () => process.exit()).resume();
