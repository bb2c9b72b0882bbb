type Reaction = () => void;

/** What waits for each signal. */
const watched = new WeakMap<AbortSignal, Set<Reaction>>();

function onAbort(this: AbortSignal): void {
  const reactions = watched.get(this);
  if (reactions === undefined) return;
  watched.delete(this);
  for (const react of reactions) react();
}

/**
 * Calls back once when the signal is aborted. A signal gets one listener for all that watch it, and none once nobody
 * does: with a listener each, node would warn of a leak from the eleventh on, and an application that raises its limit
 * would no longer see leaks of its own.
 *
 * @param signal not aborted yet
 * @returns how to stop watching
 */
export function watchAbort(signal: AbortSignal, react: Reaction): () => void {
  let reactions = watched.get(signal);
  if (reactions === undefined) {
    reactions = new Set();
    watched.set(signal, reactions);
    signal.addEventListener("abort", onAbort, { once: true });
  }
  const watching = reactions;
  watching.add(react);
  return () => {
    watching.delete(react);
    if (watching.size > 0 || watched.get(signal) !== watching) return;
    watched.delete(signal);
    signal.removeEventListener("abort", onAbort);
  };
}
