import type { Role } from "../framing/index.ts";
import { FlushQueue } from "./flush-queue.ts";
import { KeepAliveSweep } from "./keep-alive-sweep.ts";
import { ReaderPool } from "./message-reader.ts";
import type { ConnectionSettings } from "./settings.ts";
import { SlabPool } from "./slab.ts";

/** What all connections of one server have in common: it exists once, and a connection holds only what is its own. */
export class SharedResources {
  readonly settings: ConnectionSettings;
  readonly slabs: SlabPool;
  readonly flushes: FlushQueue;
  readonly sweep: KeepAliveSweep;
  readonly readers: Readonly<Record<Role, ReaderPool>>;

  /**
   * @param memory resources to share the memory of: that does not depend on the settings
   * @param onLastGone called each time that the last connection has closed
   */
  constructor(settings: ConnectionSettings, memory?: SharedResources, onLastGone?: () => void) {
    this.settings = settings;
    this.slabs = memory?.slabs ?? new SlabPool();
    this.flushes = memory?.flushes ?? new FlushQueue();
    this.readers = {
      server: new ReaderPool("server", settings.maxPayload),
      client: new ReaderPool("client", settings.maxPayload),
    };
    this.sweep = new KeepAliveSweep(settings, onLastGone);
  }
}
