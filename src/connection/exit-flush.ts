/** Holds bytes until the end of the tick, which would be lost with the process. */
export interface FlushedAtExit {
  flushAtExit(): void;
}

type Group = Iterable<FlushedAtExit>;

/** The groups that have members. There is an 'exit' listener as long as there are any. */
const groups = new Set<Group>();
let exiting = false;

/** Whether the process is exiting: nothing runs after this tick. */
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
