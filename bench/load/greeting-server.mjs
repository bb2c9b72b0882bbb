// A server that sends each client one message and then waits: it reports when as many have answered.
import { createServer } from "node:net";
import { answerUpgrade } from "./answer-upgrade.mjs";
import { FrameCounter, unmaskedFrame } from "./frames.mjs";
import { options } from "./measuring.mjs";

const BINARY = 0x2;

const greeting = unmaskedFrame(BINARY, Buffer.alloc(options.size, "x"));
let answered = 0;

function countAnswer() {
  if (++answered === options.connections) process.send({ type: "idle" });
}

const server = createServer({ noDelay: true }, (socket) => {
  const counter = new FrameCounter(countAnswer);
  socket.on("error", () => {});
  socket.once("data", (head) => {
    answerUpgrade(socket, head);
    socket.on("data", (chunk) => counter.push(chunk));
    socket.write(greeting);
  });
});
server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
