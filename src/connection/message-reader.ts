import type { MessagePipeline } from "../extensions/index.ts";
import { FrameParser, MessageAssembler, type MessageListener, type Role } from "../framing/index.ts";

const NOBODY: MessageListener = Object.freeze({
  onMessage() {},
  onEncodedMessage: () => null,
  onControlFrame: () => null,
});

/** A parser and the assembler behind it: what turns chunks of bytes into the messages of one connection. */
export class MessageReader {
  readonly assembler: MessageAssembler;
  readonly parser: FrameParser;

  constructor(role: Role, maxPayload: number) {
    this.assembler = new MessageAssembler(NOBODY, maxPayload);
    this.parser = new FrameParser(role, this.assembler);
  }
}

/**
 * The readers of all connections of a server. Between two messages a reader holds nothing, so that a connection has
 * one of its own only while a message, or a frame's header, is not whole: an idle connection has none, and the busy
 * ones use the same few hundred bytes in turn.
 */
export class ReaderPool {
  readonly #role: Role;
  readonly #maxPayload: number;
  #spare: MessageReader | null = null;

  constructor(role: Role, maxPayload: number) {
    this.#role = role;
    this.#maxPayload = maxPayload;
  }

  /**
   * A reader that holds nothing, for the chunk at hand.
   *
   * @param pipeline the extensions whose messages are to be told, `null` for none
   */
  take(listener: MessageListener, pipeline: Pick<MessagePipeline, "rsv" | "decodesAll"> | null): MessageReader {
    const reader = this.#spare ?? new MessageReader(this.#role, this.#maxPayload);
    this.#spare = null;
    reader.assembler.listener = listener;
    reader.assembler.decodesAll = pipeline?.decodesAll === true;
    reader.parser.allowedRsv = pipeline?.rsv ?? 0;
    return reader;
  }

  /** @returns the reader where it holds something that is the connection's, otherwise `null`: it was given back */
  giveBack(reader: MessageReader): MessageReader | null {
    if (!reader.parser.isBetweenMessages) return reader;
    reader.assembler.listener = NOBODY;
    this.#spare = reader;
    return null;
  }
}
