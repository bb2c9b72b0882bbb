// Opens connections that exchange one message each and then are idle.
import { openClient } from "./client-socket.mjs";
import { deflateInTurn, FrameCounter, maskedFrame } from "./frames.mjs";
import { jsonMessages } from "./json-corpus.mjs";

const TEXT = 0x1;
const AT_ONCE = 50;

const { port, connections, size, compress } = JSON.parse(process.argv[2]);

const messages = jsonMessages(size, 64);
const frames = messages.map((message) =>
  maskedFrame(TEXT, compress ? deflateInTurn([message], false)[0] : message, compress),
);

async function exchangeOne(index) {
  const { socket } = await openClient(port, compress ? "permessage-deflate" : "");
  await new Promise((resolve) => {
    const counter = new FrameCounter(resolve);
    socket.on("data", (chunk) => counter.push(chunk)).resume();
    socket.write(frames[index % frames.length]);
  });
}

for (let index = 0; index < connections; index += AT_ONCE) {
  const count = Math.min(AT_ONCE, connections - index);
  await Promise.all(Array.from({ length: count }, (_, each) => exchangeOne(index + each)));
}
process.send({ type: "idle" });
