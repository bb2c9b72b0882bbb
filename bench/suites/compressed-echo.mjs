import { runEcho } from "../harness/echo-run.mjs";
import { short, shown, summary, table } from "../harness/figures.mjs";

const SIZES = [128, 1024, 16_384];
const IN_FLIGHT = [1, 16];
const CONNECTIONS = 50;

/** Every peer compresses each message with context takeover in both directions, and is otherwise as it comes. */
const SERVER_OPTIONS = { compress: true };

function cases() {
  return SIZES.flatMap((size) => IN_FLIGHT.map((inFlight) => ({ size, inFlight })));
}

/** All peers in turn, then all again: what the machine does meanwhile meets each of them. */
async function measure(peers, { rounds, warmUp, seconds }) {
  const runs = [];
  for (let round = 1; round <= rounds; round++) {
    for (const { size, inFlight } of cases()) {
      for (const peer of peers) {
        const shape = { connections: CONNECTIONS, compress: true, size, inFlight, warmUp, seconds };
        const run = await runEcho(peer, SERVER_OPTIONS, shape);
        runs.push({ size, inFlight, peer, ...run });
        console.log(`  round ${round}: ${size} B, ${inFlight} in flight, ${peer}: ${short(run.cpu)} us`);
      }
    }
  }
  return runs;
}

function summarize(runs, peers) {
  return cases().map(({ size, inFlight }) => {
    const of = (peer) => runs.filter((run) => run.peer === peer && run.size === size && run.inFlight === inFlight);
    const own = of("tautline");
    const ratioTo = (peer) => summary(of(peer).map(({ cpu }, round) => cpu / own[round].cpu));
    return {
      size,
      inFlight,
      peers: Object.fromEntries(
        peers.map((peer) => [
          peer,
          {
            cpu: summary(of(peer).map(({ cpu }) => cpu)),
            rate: summary(of(peer).map(({ rate }) => rate)),
            replyBytes: of(peer)[0].replyBytes,
            terms: of(peer)[0].terms,
            timesTautline: ratioTo(peer),
          },
        ]),
      ),
    };
  });
}

function print(results, peers) {
  const head = ["message", "in flight", ...peers.flatMap((peer) => [`${peer}: us`, "bytes"])];
  const others = peers.filter((peer) => peer !== "tautline");
  const rows = results.map(({ size, inFlight, peers: of }) => [
    `${size} B`,
    inFlight,
    ...peers.flatMap((peer) => [shown(of[peer].cpu), Math.round(of[peer].replyBytes)]),
    ...others.map((peer) => shown(of[peer].timesTautline)),
  ]);
  console.log(table([...head, ...others.map((peer) => `${peer} / tautline`)], rows));
}

/** Microseconds of the server's CPU for each compressed JSON message that it sends back. */
export const compressedEcho = {
  name: "compressed-echo",
  title: `An echo of compressed JSON, ${CONNECTIONS} connections: microseconds of server CPU a message, median (range)`,
  peers: ["tautline", "ws", "bun"],
  async run(peers, { quick }) {
    const effort = quick ? { rounds: 1, warmUp: 1, seconds: 1 } : { rounds: 3, warmUp: 1.5, seconds: 2 };
    const results = summarize(await measure(peers, effort), peers);
    print(results, peers);
    return results;
  },
};
