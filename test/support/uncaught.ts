import { onTestFinished } from "vitest";

/** The uncaught exceptions from now on until the test is finished. */
export function watchUncaught(): unknown[] {
  const uncaught: unknown[] = [];
  for (const event of ["uncaughtException", "unhandledRejection"] as const) {
    const usual = process.rawListeners(event) as (() => void)[];
    process.removeAllListeners(event);
    process.on(event, (error: unknown) => uncaught.push(error));
    onTestFinished(() => {
      process.removeAllListeners(event);
      for (const listener of usual) process.on(event, listener);
    });
  }
  return uncaught;
}
