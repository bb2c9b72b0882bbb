import { defineConfig } from "vitest/config";
import { RUNS } from "./test/support/runs.ts";

/** Each of these files has a process of its own: what others leave behind in theirs would change the result. */
const ISOLATED = [
  // They measure the memory of the process, or count its sockets, its timers, its listeners or its work in zlib's threads.
  "test/extensions/permessage-deflate/deferred-messages.test.ts",
  "test/extensions/permessage-deflate/thread-slots.test.ts",
  "test/framing/frame-parser.test.ts",
  "test/framing/growing-buffer.test.ts",
  "test/framing/message-assembler.test.ts",
  "test/websocket/collection.test.ts",
  "test/node/process-exit.test.ts",
  "test/connection/websocket-server.test.ts",
  "test/websocket/stream-leaks.test.ts",
  // They count fake timers: a real one of another file would set further timers by the fake clock.
  "test/connection/connection-closing.test.ts",
  "test/connection/connection-failing.test.ts",
  "test/connection/connection-keep-alive.test.ts",
  "test/connection/input-end-properties.test.ts",
  "test/endpoint/keep-alive-sweep.test.ts",
  "test/deadline.test.ts",
  "test/extensions/permessage-deflate/context-pool.test.ts",
  "test/node/admission.test.ts",
  "test/node/connect-timeout.test.ts",
  // They replace modules, or load them again.
  "test/framing/mask-key.test.ts",
  "test/websocket/foreign-events.test.ts",
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
      // A process for each file takes half a second of CPU: as much as all tests together.
      {
        extends: true,
        test: { name: "shared", include: ["test/**/*.test.ts"], exclude: ISOLATED, isolate: false },
      },
      { extends: true, test: { name: "isolated", include: ISOLATED } },
    ],
  },
});
