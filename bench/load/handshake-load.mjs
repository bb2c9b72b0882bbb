// Opens connections, and resets each as soon as it stands.
import { BenchClient } from "./bench-client.mjs";
import { measure, options } from "./measuring.mjs";

const { port, atOnce } = options;

let opened = 0;

async function keepOpening() {
  for (;;) {
    const client = await BenchClient.open({ port });
    opened++;
    client.reset();
  }
}

for (let index = 0; index < atOnce; index++) keepOpening();
await measure(() => opened);
process.exit();
