import { FlushQueue } from "./flush-queue.ts";
import { KeepAliveSweep } from "./keep-alive-sweep.ts";
import type { ConnectionSettings } from "./settings.ts";
import { SlabPool } from "./slab.ts";

/** What all connections of one server, or all clients with the same options, have in common: it exists once. */
export class SharedResources {
  readonly settings: ConnectionSettings;
  readonly slabs = new SlabPool();
  readonly flushes = new FlushQueue();
  readonly sweep: KeepAliveSweep;

  constructor(settings: ConnectionSettings) {
    this.settings = settings;
    this.sweep = new KeepAliveSweep(settings);
  }
}
