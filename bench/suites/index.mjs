import { broadcast } from "./broadcast.mjs";
import { client } from "./client.mjs";
import { compressedEcho } from "./compressed-echo.mjs";
import { connections } from "./connections.mjs";
import { echo } from "./echo.mjs";
import { faceMemory, faces } from "./faces.mjs";
import { handshake } from "./handshake.mjs";
import { idleHeap, idleMemory } from "./idle-memory.mjs";
import { micro } from "./micro.mjs";
import { tlsEcho } from "./tls-echo.mjs";

/**
 * All suites. A suite has `cases` (those marked `quick` are part of a quick run), the `peers` that it compares, and
 * `sample(peer, case, effort)`, which measures one peer once. The sample is the `value` in the suite's `unit`, and
 * whatever else is worth keeping.
 */
export const SUITES = [
  echo,
  compressedEcho,
  tlsEcho,
  broadcast,
  handshake,
  client,
  faces,
  connections,
  idleMemory,
  idleHeap,
  faceMemory,
  micro,
];

export const SUITE_NAMES = SUITES.map(({ name }) => name);
