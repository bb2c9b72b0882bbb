import { expect, test } from "vitest";
import { awaited, type OpeningPhase } from "../../src/node/opening-phase.ts";

const PHASES = ["lookup", "turn", "tcp", "tls", "response"] as const satisfies readonly OpeningPhase[];

test.each(PHASES)("the phase %s of an attempt names what is awaited, in words that follow 'waiting for'", (phase) => {
  expect(awaited(phase)).toMatch(/^(the|another) [a-z]/i);
});

test("no two phases of an attempt wait for the same thing", () => {
  expect(new Set(PHASES.map(awaited)).size).toBe(PHASES.length);
});
