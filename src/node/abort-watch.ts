type Reaction = () => void;

/** The reactions to each signal. */
const watched = new WeakMap<AbortSignal, Set<Reaction>>();

function onAbort(this: AbortSignal): void {
  const reactions = watched.get(this);
  if (reactions === undefined) return;
  watched.delete(this);
  for (const react of reactions) react();
}

/**
 * Calls back once the signal is aborted. All reactions share one listener, which is removed with the last of them. With
 * a listener each, node would warn of a leak from the eleventh on, and an application that raises the limit would no
 * longer see leaks of its own.
 *
 * @param signal not aborted yet
 * @returns a function that stops watching
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
