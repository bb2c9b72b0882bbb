import { drive } from "../drive.mjs";

await drive((url) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => socket.send(data));
  return new Promise((resolve) => {
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", resolve);
  });
});
