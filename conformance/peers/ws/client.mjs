import { WebSocket } from "ws";
import { drive } from "../drive.mjs";

await drive((url) => {
  const socket = new WebSocket(url, { perMessageDeflate: { threshold: 0 } });
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  return new Promise((resolve) => {
    socket.on("error", () => {}).on("close", resolve);
  });
});
