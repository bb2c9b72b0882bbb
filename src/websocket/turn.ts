// Not the global function: with fake timers of an application the turn would never end.
import { setImmediate } from "node:timers";

let turn = 0;
let isEndScheduled = false;

/**
 * The number of the current turn of the event loop, which counts up between two turns in which somebody asks. What the
 * WHATWG standard calls "the last time the event loop reached step 1" lies between two numbers.
 */
export function currentTurn(): number {
  if (!isEndScheduled) {
    isEndScheduled = true;
    setImmediate(endTurn);
  }
  return turn;
}

function endTurn(): void {
  isEndScheduled = false;
  turn++;
}
