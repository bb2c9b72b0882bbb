// One micro benchmark in a process of its own: `main.mjs <case> <peer> <seconds>` prints nanoseconds of CPU each time.
import { CASES } from "./cases.mjs";

const [name, peer, seconds] = process.argv.slice(2);
const { operations = 1, [peer]: make } = CASES[name];
const run = make();
const isAsync = run() instanceof Promise;

/** Long enough for a look at the clock not to count. */
const BATCH = 64;

/** Between batches others have their turn: `ws` reads on a stream, which wants one. */
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
