// One micro benchmark in a process of its own: `main.mjs <case> <peer> <seconds>` prints nanoseconds of CPU per operation.
import { CASES } from "./cases.mjs";

const [name, peer, seconds] = process.argv.slice(2);
const { operations = 1, [peer]: make } = CASES[name];
const run = make();
const isAsync = run() instanceof Promise;

/** Large enough to make the cost of reading the clock negligible. */
const BATCH = 64;

/** Between batches the event loop turns: the receiver of `ws` is a stream, which needs that. */
async function batch() {
  for (let count = 0; count < BATCH; count++) {
    if (isAsync) await run();
    else run();
  }
  await new Promise(setImmediate);
}

async function during(milliseconds) {
  const end = performance.now() + milliseconds;
  let batches = 0;
  const { user, system } = process.cpuUsage();
  for (; performance.now() < end; batches++) await batch();
  const used = process.cpuUsage({ user, system });
  return ((used.user + used.system) * 1000) / (batches * BATCH * operations);
}

await during(Number(seconds) * 500);
console.log(await during(Number(seconds) * 1000));
process.exit();
