import { short, summary, uncertaintyOfMedian } from "./figures.mjs";

/** The peer that all others are compared with. */
export const OWN = "tautline";

/**
 * Takes the samples of a suite: all peers in turn, then all again, so that other work on the machine affects each of
 * them.
 *
 * @param suite its `cases`, and `sample(peer, case, effort)`, which measures once
 * @param log receives one line for each sample
 */
async function takeSamples(suite, cases, peers, effort, log) {
  const samples = [];
  for (let round = 1; round <= effort.rounds; round++) {
    for (const each of cases) {
      for (const peer of each.peers?.filter((name) => peers.includes(name)) ?? peers) {
        const sample = await suite.sample(peer, each, effort);
        samples.push({ case: each.name, peer, ...sample });
        log(`  round ${round}: ${each.name}, ${peer}: ${short(sample.value)} ${suite.unit}`);
      }
    }
  }
  return samples;
}

function summarizePeer(own, samples) {
  const [{ case: _case, peer: _peer, value: _value, rate: _rate, ...rest }] = samples;
  const ratios = samples.map(({ value }, round) => value / own[round].value);
  return {
    value: summary(samples.map(({ value }) => value)),
    ...(samples[0].rate === undefined ? {} : { rate: summary(samples.map(({ rate }) => rate)) }),
    timesTautline: { ...summary(ratios), uncertainty: uncertaintyOfMedian(ratios) },
    ...rest,
  };
}

/** @returns the peers' figures for each case, with their ratios to ours in the same round */
export async function runSuite(suite, peers, effort, log = console.log) {
  const cases = effort.quick ? suite.cases.filter(({ quick }) => quick === true) : suite.cases;
  const samples = await takeSamples(suite, cases, peers, effort, log);
  return cases.map(({ name }) => {
    const of = (peer) => samples.filter((sample) => sample.case === name && sample.peer === peer);
    const present = peers.filter((peer) => of(peer).length > 0);
    return { case: name, peers: Object.fromEntries(present.map((peer) => [peer, summarizePeer(of(OWN), of(peer))])) };
  });
}
