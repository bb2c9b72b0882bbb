import type { Socket } from "node:net";
import { isRefusal } from "../handshake/is-refusal.ts";
import type { Refusal } from "../handshake/refusals.ts";
import { RequestReader } from "../handshake/request-reader.ts";
import type { HeadLimits } from "../http/head-limits.ts";
import { UpgradeRequest } from "./upgrade-request.ts";

/** Receives the result of reading a request, once. */
export interface RequestListener {
  /** A head has arrived; the socket is paused. @param rest the bytes behind it */
  onRequest(request: UpgradeRequest, socket: Socket, rest: Buffer): void;
  /** What arrived is not a request that could be judged. */
  onBadRequest(refusal: Refusal, socket: Socket): void;
}

/** Reads the head of a request from a raw socket. */
export class RawHandshake {
  readonly #socket: Socket;
  readonly #reader: RequestReader;
  readonly #listener: RequestListener;
  readonly #onData = (chunk: Buffer) => this.#read(chunk);

  constructor(socket: Socket, limits: Partial<HeadLimits>, listener: RequestListener) {
    this.#socket = socket;
    this.#reader = new RequestReader(limits);
    this.#listener = listener;
    socket.on("data", this.#onData);
  }

  #read(chunk: Buffer): void {
    const reading = this.#reader.push(chunk);
    if (reading === null) return;
    this.#socket.off("data", this.#onData);
    if (isRefusal(reading)) {
      this.#listener.onBadRequest(reading, this.#socket);
      return;
    }
    this.#socket.pause();
    this.#listener.onRequest(new UpgradeRequest(reading.head, this.#socket), this.#socket, reading.rest);
  }
}
