import { defineConfig } from "vitest/config";
import { RUNS } from "./test/support/runs.ts";

/** Files that replace a module of node, or measure memory: each has a process of its own. */
const ISOLATED = [
  "test/framing/frame-parser.test.ts",
  "test/framing/growing-buffer.test.ts",
  "test/framing/mask-key.test.ts",
  "test/framing/message-assembler.test.ts",
];

/** In milliseconds. It only guards against a test that hangs: a slow machine must not reach it. */
const TIMEOUT = 120_000 * Math.max(1, RUNS / 100);

export default defineConfig({
  test: {
    setupFiles: ["test/support/setup.ts"],
    testTimeout: TIMEOUT,
    hookTimeout: TIMEOUT,
    maxWorkers: "100%",
    projects: [
      // A process for each file would cost more than all tests take.
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: ISOLATED, isolate: false },
      },
      { extends: true, test: { name: "isolated", include: ISOLATED } },
    ],
  },
});
