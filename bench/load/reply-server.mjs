// A server that needs less CPU than any client: it counts frames, and answers with as many that were built in advance.
import { createServer } from "node:net";
import { answerUpgrade } from "./answer-upgrade.mjs";
import { FrameRing } from "./frame-ring.mjs";
import { FrameCounter, unmaskedFrame } from "./frames.mjs";
import { measure, options } from "./measuring.mjs";
import { messagesOf } from "./messages.mjs";

const TEXT = 0x1;
const BINARY = 0x2;

const { connections, inFlight, size, binary } = options;
const frames = messagesOf(size, false).map((message) => unmaskedFrame(binary ? BINARY : TEXT, message));
const ring = new FrameRing(frames, Math.max(inFlight, 64));

let received = 0;
let open = 0;

function serve(socket) {
  let next = 0;
  let arrived = 0;
  const counter = new FrameCounter(() => arrived++);
  socket.on("data", (chunk) => {
    arrived = 0;
    counter.push(chunk);
    received += arrived;
    if (arrived === 0) return;
    socket.write(ring.slice(next, arrived));
    next = ring.after(next, arrived);
  });
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.on("error", () => {});
  socket.once("data", (head) => {
    answerUpgrade(socket, head);
    serve(socket);
    if (++open === connections) void measure(() => received);
  });
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
