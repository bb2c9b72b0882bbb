import type { Duplex } from "node:stream";

export interface WireObserver {
  inbound(bytes: Buffer): void;
  outbound(bytes: Buffer): void;
}

export declare const WireTap: new (socket: Duplex, observer: WireObserver) => Duplex;
