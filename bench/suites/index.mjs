import { broadcast } from "./broadcast.mjs";
import { client } from "./client.mjs";
import { compressedEcho } from "./compressed-echo.mjs";
import { connections } from "./connections.mjs";
import { echo } from "./echo.mjs";
import { handshake } from "./handshake.mjs";
import { idleMemory } from "./idle-memory.mjs";
import { micro } from "./micro.mjs";
import { tlsEcho } from "./tls-echo.mjs";

/**
 * All suites. A suite has its `cases` (`quick` ones are part of a quick run), the `peers` that are compared, and
 * `sample(peer, case, effort)`, which measures one of them once: `value` in the suite's `unit`, and what else is worth
 * keeping.
 */
export const SUITES = [echo, compressedEcho, tlsEcho, broadcast, handshake, client, connections, idleMemory, micro];

export const SUITE_NAMES = SUITES.map(({ name }) => name);
