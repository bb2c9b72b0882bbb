/** Something with bytes that would be lost with the process, as they wait for the end of the tick. */
export interface FlushedAtExit {
  flushAtExit(): void;
}

type Group = Iterable<FlushedAtExit>;

/** The groups that have members; the process is listened to as long as there are any. */
const groups = new Set<Group>();
let exiting = false;

/** Whether the process ends: nothing runs at the end of this tick any more. */
export function isExiting(): boolean {
  return exiting;
}

/** Flushes the members of the group when the process ends, until `leaveExit`. */
export function joinExit(group: Group): void {
  if (groups.size === 0) process.on("exit", flushAll);
  groups.add(group);
}

export function leaveExit(group: Group): void {
  if (groups.delete(group) && groups.size === 0) process.off("exit", flushAll);
}

function flushAll(): void {
  exiting = true;
  for (const group of groups) {
    for (const member of group) flushApart(member);
  }
}

function flushApart(member: FlushedAtExit): void {
  try {
    member.flushAtExit();
  } catch {
    // A transport of the application's own may throw: the others are flushed all the same. Nobody is left to report to.
  }
}
