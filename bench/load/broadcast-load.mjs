// The load of a broadcast: one connection asks for a broadcast, and for the next one when all have received it.
import { BenchClient } from "./bench-client.mjs";
import { FrameCounter, maskedFrame } from "./frames.mjs";
import { measure, options } from "./measuring.mjs";

const TEXT = 0x1;

const { port, connections, perTick, compress } = options;
const request = maskedFrame(TEXT, Buffer.from("go"), false);

let delivered = 0;
const clients = await BenchClient.openAll(connections, { port, extensions: compress ? "permessage-deflate" : "" });
for (const client of clients) {
  const counter = new FrameCounter(() => {
    delivered++;
    if (delivered % (connections * perTick) === 0) clients[0].write(request);
  });
  client.read((chunk) => counter.push(chunk));
}
clients[0].write(request);
await measure(() => delivered, { terms: clients[0].extensions });
