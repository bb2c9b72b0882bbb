// Opens connections that exchange one message each and then are idle.
import { BenchClient } from "./bench-client.mjs";
import { deflateInTurn, FrameCounter, maskedFrame } from "./frames.mjs";
import { jsonMessages } from "./json-corpus.mjs";
import { options } from "./measuring.mjs";

const TEXT = 0x1;
const AT_ONCE = 50;

const { port, connections, size, compress } = options;

const messages = jsonMessages(size, 64);
const frames = messages.map((message) =>
  maskedFrame(TEXT, compress ? deflateInTurn([message], false)[0] : message, compress),
);

async function exchangeOne(client, index) {
  await new Promise((resolve) => {
    const counter = new FrameCounter(resolve);
    client.read((chunk) => counter.push(chunk));
    client.write(frames[index % frames.length]);
  });
}

for (let index = 0; index < connections; index += AT_ONCE) {
  const where = { port, extensions: compress ? "permessage-deflate" : "" };
  const clients = await BenchClient.openAll(Math.min(AT_ONCE, connections - index), where);
  await Promise.all(clients.map((client, each) => exchangeOne(client, index + each)));
}
process.send({ type: "idle" });
