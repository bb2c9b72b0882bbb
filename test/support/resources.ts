import { expect } from "vitest";
import type { RawPeer } from "./raw-peer.ts";

const TURNS = 1000;

/** How many sockets, timers and requests of each kind keep the process busy. */
function working(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    // The check itself waits by immediates.
    if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** The kinds of which there are more than before. The resources of earlier tests may end meanwhile. */
function added(before: ReadonlyMap<string, number>): string[] {
  return [...working()].filter(([kind, count]) => count > (before.get(kind) ?? 0)).map(([kind]) => kind);
}

/** Ends the server's side of connections that the client has left. */
function release(peers: readonly RawPeer[]): void {
  for (const peer of peers) if (peer.ended) peer.socket.destroy();
}

/**
 * Notes which sockets, timers and requests keep the process busy.
 *
 * @param peers the server's side of the connections that are opened from now on
 * @returns a check that no others are left, within some turns of the event loop: sockets close asynchronously
 */
export function watchResources(peers: readonly RawPeer[] = []): () => Promise<void> {
  const before = working();
  return async () => {
    for (let turn = 0; turn < TURNS && added(before).length > 0; turn++) {
      release(peers);
      await new Promise(setImmediate);
    }
    expect(added(before)).toEqual([]);
  };
}
