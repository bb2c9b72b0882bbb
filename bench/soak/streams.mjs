/**
 * One very long message goes through `connection.streams()` in a process of its own, and its memory is measured:
 * `node bench/soak/streams.mjs [--mebibytes 4096] [--shape frame|fragments|compressed] [--slow]`.
 *
 * Prints a line of JSON: the bytes that were read in pieces, the growth of the process in bytes, and the seconds.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { parseArgs } from "node:util";
import { constants, deflateRawSync } from "node:zlib";
import { WebSocketServer } from "../../dist/index.js";

const MIB = 1 << 20;

/** A header with a masking key of zeros, which leaves the payload as it is. The payload has at least 126 bytes. */
function header(first, length) {
  const isLong = length > 0xffff;
  const bytes = Buffer.alloc(isLong ? 14 : 8);
  bytes.set([first, 0x80 | (isLong ? 127 : 126)]);
  if (isLong) bytes.writeBigUInt64BE(BigInt(length), 2);
  else bytes.writeUInt16BE(length, 2);
  return bytes;
}

/** The frames of a message of so many MiB, piece by piece. */
function* frames(shape, mebibytes) {
  const plain = Buffer.alloc(MIB, "abcdefgh");
  if (shape === "frame") {
    yield header(0x82, mebibytes * MIB);
    for (let count = 0; count < mebibytes; count++) yield plain;
    return;
  }
  // Each block begins with an empty history, so that it may be repeated.
  const block = shape === "compressed" ? deflateRawSync(plain, { finishFlush: constants.Z_SYNC_FLUSH }) : plain;
  for (let count = 0; count < mebibytes; count++) {
    const isLast = count === mebibytes - 1;
    const payload = shape === "compressed" && isLast ? block.subarray(0, -4) : block;
    const opcode = count > 0 ? 0 : shape === "compressed" ? 0x42 : 0x02;
    yield Buffer.concat([header((isLast ? 0x80 : 0) | opcode, payload.length), payload]);
  }
}

/** The receiving process. */
async function receive(isSlow) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: 1024, pingInterval: 0 });
  server.on("connection", async (connection) => {
    const began = Date.now();
    const before = process.memoryUsage().rss;
    let highest = before;
    let length = 0;
    let pieces = 0;
    for await (const message of connection.streams()) {
      for await (const piece of message) {
        length += piece.length;
        if (++pieces % 64 !== 0) continue;
        highest = Math.max(highest, process.memoryUsage.rss());
        if (isSlow) await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    process.send({ length, growth: highest - before, seconds: (Date.now() - began) / 1000 });
    await server.close();
    process.disconnect();
  });
  await once(server, "listening");
  process.send({ port: server.address().port });
}

async function send(socket, shape, mebibytes) {
  const deflate = shape === "compressed" ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "";
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n${deflate}` +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  await once(socket, "data");
  for (const bytes of frames(shape, mebibytes)) if (!socket.write(bytes)) await once(socket, "drain");
  socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0]));
}

const { values } = parseArgs({
  options: {
    mebibytes: { type: "string", default: "4096" },
    shape: { type: "string", default: "frame" },
    slow: { type: "boolean", default: false },
    receiver: { type: "boolean", default: false },
  },
});

if (values.receiver) {
  await receive(values.slow);
} else {
  const child = fork(import.meta.filename, ["--receiver", ...(values.slow ? ["--slow"] : [])]);
  const [{ port }] = await once(child, "message");
  const socket = connect(port, "127.0.0.1");
  const result = once(child, "message");
  await send(socket, values.shape, Number(values.mebibytes));
  console.log(JSON.stringify((await result)[0]));
  socket.end();
}
