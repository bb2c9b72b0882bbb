/** Holds bytes until the end of the tick that would be lost if the process ended before. */
export interface FlushedAtExit {
  flushAtExit(): void;
}

type Members = Iterable<FlushedAtExit>;

/** The sets that have members. There is an 'exit' listener as long as there are any. */
const sets = new Set<Members>();
let exiting = false;

/** Whether the process is exiting: nothing runs after this tick. */
export function isExiting(): boolean {
  return exiting;
}

/** Flushes the members when the process ends, until `leaveExit`. */
export function joinExit(members: Members): void {
  if (sets.size === 0) process.on("exit", flushAll);
  sets.add(members);
}

export function leaveExit(members: Members): void {
  if (sets.delete(members) && sets.size === 0) process.off("exit", flushAll);
}

function flushAll(): void {
  exiting = true;
  for (const members of sets) {
    for (const member of members) flushApart(member);
  }
}

function flushApart(member: FlushedAtExit): void {
  try {
    member.flushAtExit();
  } catch {
    // A transport of the application's own may throw: the others are flushed all the same. No error can be reported now.
  }
}
