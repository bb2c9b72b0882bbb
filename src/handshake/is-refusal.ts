import type { Refusal } from "./refusals.ts";

/** Whether a reading, a parse or a judgement came out as a refusal (a row of `Refusals`, or one of its shape). */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "status" in value && "code" in value && "section" in value;
}
