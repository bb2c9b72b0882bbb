import { once } from "node:events";
import { connect } from "node:net";

const END_OF_HEAD = Buffer.from("\r\n\r\n");

/** Opens a WebSocket connection by hand. @returns the socket, paused, and what the server has agreed to */
export async function openClient(port, extensions = "") {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const offer = extensions === "" ? "" : `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  socket.write(
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${offer}\r\n`,
  );
  let head = Buffer.alloc(0);
  while (!head.includes(END_OF_HEAD)) head = Buffer.concat([head, (await once(socket, "data"))[0]]);
  socket.pause();
  const text = head.toString("latin1");
  if (!text.startsWith("HTTP/1.1 101")) throw new Error(`the handshake failed: ${text}`);
  return { socket, extensions: /^sec-websocket-extensions: *(.*?)\r$/im.exec(text)?.[1] ?? "" };
}
