import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { findPeers, PEERS, scriptOf } from "../../bench/harness/peers.mjs";
import { fullTable, skippedPeers } from "../../bench/harness/tables.mjs";
import { loadFailure } from "../../bench/harness/uwebsockets.mjs";
import { SUITES } from "../../bench/suites/index.mjs";

const CLIENT_SUITES = ["client", "faces", "face-memory"];
/** The single parts are not servers or clients. */
const MEASURED = SUITES.filter(({ name }) => name !== "micro");

it.each(MEASURED.map(({ name, peers }) => ({ name, peers })))("each peer of the suite $name has a script", (suite) => {
  const role = CLIENT_SUITES.includes(suite.name) ? "clients" : "servers";
  const scripts = suite.peers.map((peer) => scriptOf(role, PEERS[peer as keyof typeof PEERS]));
  expect(scripts.filter((path) => !existsSync(path))).toEqual([]);
});

describe("a peer that cannot run", () => {
  const peers = {
    here: { command: ["node"], script: "here.mjs" },
    loads: { command: ["node"], script: "loads.mjs", whyMissing: () => undefined },
    old: { command: ["node"], script: "old.mjs", whyMissing: async () => "it does not load" },
  };

  it("is told from those that can, with its reason", async () => {
    const { available, skipped } = await findPeers(["here", "old", "loads"], peers);
    expect(available).toEqual(["here", "loads"]);
    expect(skipped).toEqual({ old: "it does not load" });
    expect(skippedPeers(skipped)).toEqual(["old is skipped: it does not load"]);
  });

  it("is not looked for unless a suite compares with it", async () => {
    const refuse = () => {
      throw new Error("nobody asked for this peer");
    };
    const { available } = await findPeers(["here"], { ...peers, other: { ...peers.here, whyMissing: refuse } });
    expect(available).toEqual(["here"]);
  });

  it("has no column in a table", () => {
    const figures = { median: 1, least: 1, greatest: 1 };
    const rows = [{ case: "a", peers: { tautline: { value: figures, timesTautline: figures } } }];
    expect(fullTable({ unit: "µs", rows })).toBe(
      "|   | tautline, µs     |\n|---|------------------|\n| a | 1.00 (1.00-1.00) |",
    );
  });
});

describe("the reason why uWebSockets.js does not load", () => {
  it("names the version of glibc that the addon needs, without the paths of the machine", () => {
    const output =
      "Error: /lib/libc.so.6: version `GLIBC_2.38' not found (required by /home/me/uws_linux_x64_115.node)";
    expect(loadFailure(output)).toBe("it does not load: it needs glibc 2.38");
  });

  it("names node's version if there is no binary for it", () => {
    const reason = loadFailure("Error: Cannot find module './uws_linux_x64_131.node'");
    expect(reason).toBe(`it has no binary for node ${process.versions.node} on ${process.platform}-${process.arch}`);
  });

  it("is given without details if the error is another one", () => {
    expect(loadFailure("Error: invalid ELF header")).toBe("it does not load");
  });
});
