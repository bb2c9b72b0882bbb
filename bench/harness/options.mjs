import { parseArgs } from "node:util";
import { SUITE_NAMES, SUITES } from "../suites/index.mjs";
import { BASELINE } from "./baseline.mjs";
import { PEERS } from "./peers.mjs";
import { OWN } from "./run-suite.mjs";

const FULL = { rounds: 3, warmUp: 0.7, seconds: 1, quick: false };
const QUICK = { rounds: 1, warmUp: 0.4, seconds: 0.6, quick: true };
/** The quick cases with more rounds, to tell a regression from noise. */
const CHECK = { rounds: 5, warmUp: 0.5, seconds: 1, quick: true };

const QUICK_PEERS = [OWN, "net", "ws", "bun"];

function refuseUnknown(kind, names, known) {
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`unknown ${kind}: ${unknown.join(", ")}; there are ${known.join(", ")}`);
}

function roundsOf(text) {
  if (!/^[1-9]\d?$/.test(text)) throw new Error(`--rounds must be an integer from 1 to 99, not ${text}`);
  return { rounds: Number(text) };
}

/** Ratios are taken to our own figures, so our peer is always measured. */
function peersOf(text) {
  const names = text.split(",").map((name) => name.trim());
  refuseUnknown("peer", names, Object.keys(PEERS));
  return [...new Set([OWN, ...names])];
}

function choosePeers({ peers, check, quick }) {
  if (peers !== undefined) {
    const named = peersOf(peers);
    return () => named;
  }
  if (check) return () => [OWN, BASELINE];
  return (suite) => (quick ? suite.peers.filter((peer) => QUICK_PEERS.includes(peer)) : suite.peers);
}

/**
 * Reads the command line.
 *
 * @returns `suites`, the `effort` of each sample, `peersFor(suite)`, whether to `check` and against which revision, and
 *   whether this is a full run, whose results are to `keep`
 */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      check: { type: "boolean", default: false },
      against: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
    },
  });
  const { check, against, peers, rounds } = values;
  refuseUnknown("suite", positionals, SUITE_NAMES);
  if (against !== undefined && !check) throw new Error("--against names the commit that --check compares with");
  if (peers !== undefined && check) throw new Error("--check chooses the peers itself: leave out --peers");
  const effort = check ? CHECK : values.quick ? QUICK : FULL;
  const wanted = positionals.length === 0 ? SUITES : SUITES.filter(({ name }) => positionals.includes(name));
  return {
    suites: effort.quick ? wanted.filter(({ cases }) => cases.some(({ quick }) => quick)) : wanted,
    effort: { ...effort, ...(rounds === undefined ? {} : roundsOf(rounds)) },
    peersFor: choosePeers({ peers, check, quick: effort.quick }),
    check,
    against,
    keep: !effort.quick && peers === undefined,
  };
}
