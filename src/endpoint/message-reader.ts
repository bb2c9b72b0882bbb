import type { MessagePipeline } from "../extensions/index.ts";
import { FrameParser, MessageAssembler, type MessageForm, type MessageListener, type Role } from "../framing/index.ts";

const NOBODY: MessageListener<unknown> = Object.freeze({
  onMessage() {},
  onEncodedMessage: () => null,
  onControlFrame: () => null,
});

/** A parser and the assembler behind it: they turn chunks of bytes into the messages of one endpoint. */
export class MessageReader<Message> {
  readonly assembler: MessageAssembler<Message>;
  readonly parser: FrameParser;

  constructor(role: Role, maxPayload: number, form: MessageForm<Message>) {
    this.assembler = new MessageAssembler(NOBODY as MessageListener<Message>, maxPayload, form);
    this.parser = new FrameParser(role, this.assembler);
  }
}

/**
 * The readers of a group of endpoints. Between two messages a reader holds nothing, so an endpoint has its own
 * only while a message, or a frame's header, is incomplete: an idle endpoint has none, and the busy ones use the same
 * few hundred bytes in turn.
 */
export class ReaderPool<Message> {
  readonly #role: Role;
  readonly #maxPayload: number;
  readonly #form: MessageForm<Message>;
  #spare: MessageReader<Message> | null = null;

  constructor(role: Role, maxPayload: number, form: MessageForm<Message>) {
    this.#role = role;
    this.#maxPayload = maxPayload;
    this.#form = form;
  }

  /**
   * A reader that holds nothing, for the chunk at hand.
   *
   * @param pipeline the extensions in use, `null` for none
   */
  take(
    listener: MessageListener<Message>,
    pipeline: Pick<MessagePipeline, "rsv" | "decodesAll"> | null,
  ): MessageReader<Message> {
    const reader = this.#spare ?? new MessageReader(this.#role, this.#maxPayload, this.#form);
    this.#spare = null;
    reader.assembler.listener = listener;
    reader.assembler.decodesAll = pipeline?.decodesAll === true;
    reader.parser.allowedRsv = pipeline?.rsv ?? 0;
    return reader;
  }

  /** @returns the reader if it holds a part of a message; otherwise `null`, and the pool has it again */
  giveBack(reader: MessageReader<Message>): MessageReader<Message> | null {
    if (!reader.parser.isBetweenMessages) return reader;
    reader.assembler.listener = NOBODY as MessageListener<Message>;
    this.#spare = reader;
    return null;
  }
}
