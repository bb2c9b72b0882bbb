import type { MessageForm, Role } from "../framing/index.ts";
import type { EndpointListener } from "./endpoint-listener.ts";
import { FlushQueue } from "./flush-queue.ts";
import type { OutputResources } from "./frame-output.ts";
import { KeepAliveSweep } from "./keep-alive-sweep.ts";
import { ReaderPool } from "./message-reader.ts";
import { OpenEndpoints } from "./open-endpoints.ts";
import type { ReceiverShared } from "./receiver.ts";
import { ReceiverPool } from "./receiver-pool.ts";
import type { SenderShared } from "./sender.ts";
import type { EndpointSettings } from "./settings.ts";
import { WriteBufferPool } from "./write-buffer-pool.ts";

/** What all endpoints of one server have in common, so that an endpoint holds only what is its own. */
export class EndpointGroup<Face, Message> implements ReceiverShared<Message>, SenderShared {
  readonly role: Role;
  readonly masks: boolean;
  readonly settings: EndpointSettings;
  readonly listener: EndpointListener<Face, Message>;
  readonly buffers: WriteBufferPool;
  readonly flushes: FlushQueue;
  readonly readers: ReaderPool<Message>;
  readonly receivers: ReceiverPool<Message>;
  readonly open: OpenEndpoints<Face>;
  readonly #sweep: KeepAliveSweep;
  /** Called each time that the last endpoint has closed. */
  onLastGone: (() => void) | null = null;

  /** @param resources those of another group, to share them */
  constructor(
    role: Role,
    settings: EndpointSettings,
    listener: EndpointListener<Face, Message>,
    resources?: OutputResources,
  ) {
    this.role = role;
    this.masks = role === "client";
    this.settings = settings;
    this.listener = listener;
    this.buffers = resources?.buffers ?? new WriteBufferPool();
    this.flushes = resources?.flushes ?? new FlushQueue();
    this.readers = new ReaderPool(role, settings.maxPayload, listener.form);
    this.receivers = new ReceiverPool(this);
    this.open = new OpenEndpoints({
      onFirst: () => this.#sweep.start(),
      onLastGone: () => {
        this.#sweep.stop();
        this.onLastGone?.();
      },
    });
    this.#sweep = new KeepAliveSweep(settings, this.open);
  }

  /** Milliseconds of the clock by which the keep-alive judges. */
  get now(): number {
    return this.#sweep.now;
  }

  get form(): MessageForm<Message> {
    return this.listener.form;
  }

  get maxPayload(): number {
    return this.settings.maxPayload;
  }

  get maxStreamPayload(): number {
    return this.settings.maxStreamPayload;
  }
}
