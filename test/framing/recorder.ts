import { type ControlOpcode, type FrameListener, FrameParser, MessageAssembler } from "../../src/framing/index.ts";
import type { Violation } from "../../src/framing/violations.ts";
import type { OracleEvent, Role } from "../support/frames.ts";

export type RecordedEvent =
  | { kind: "frame"; opcode: number; rsv: number; length: number; final: boolean }
  | { kind: "payload"; hex: string }
  | { kind: "end" }
  | { kind: "control"; opcode: number; hex: string };

/** Records the events of a parser. Adjacent ranges of payload are joined: their borders have no meaning. */
export class Recorder implements FrameListener {
  readonly recorded: RecordedEvent[] = [];
  chunkEnds = 0;
  /** The result of each method. */
  answers: Partial<Record<"onDataFrame" | "onPayload" | "onMessageEnd" | "onControlFrame", Violation>> = {};
  /** Called after each event. */
  afterEach: () => void = () => {};

  onDataFrame(opcode: number, rsv: number, length: number, final: boolean): Violation | null {
    this.recorded.push({ kind: "frame", opcode, rsv, length, final });
    this.afterEach();
    return this.answers.onDataFrame ?? null;
  }

  onPayload(chunk: Buffer, start: number, end: number): Violation | null {
    if (end <= start) throw new Error("a range of payload is empty");
    const hex = chunk.toString("hex", start, end);
    const last = this.recorded.at(-1);
    if (last?.kind === "payload") last.hex += hex;
    else this.recorded.push({ kind: "payload", hex });
    this.afterEach();
    return this.answers.onPayload ?? null;
  }

  onMessageEnd(): Violation | null {
    this.recorded.push({ kind: "end" });
    this.afterEach();
    return this.answers.onMessageEnd ?? null;
  }

  onControlFrame(opcode: ControlOpcode, chunk: Buffer, start: number, end: number): Violation | null {
    this.recorded.push({ kind: "control", opcode, hex: chunk.toString("hex", start, end) });
    this.afterEach();
    return this.answers.onControlFrame ?? null;
  }

  onChunkEnd(): void {
    this.chunkEnds++;
  }
}

/** A parser with an assembler, as a connection has them. It records the messages and control frames. */
export class Reader {
  readonly events: OracleEvent[] = [];
  /** The messages for extensions to decode. */
  readonly encoded: { opcode: number; rsv: number; payload: Buffer }[] = [];
  readonly parser: FrameParser;
  /** Called after each event. */
  afterEach: () => void = () => {};
  /** The result for each encoded message. */
  answer: Violation | null = null;

  constructor(role: Role, maxPayload = 64 << 20, allowedRsv = 0) {
    const assembler = new MessageAssembler(
      {
        onMessage: (data) => {
          this.events.push({ kind: "message", data });
          this.afterEach();
        },
        onEncodedMessage: (opcode, rsv, payload) => {
          this.encoded.push({ opcode, rsv, payload: Buffer.from(payload) });
          this.afterEach();
          return this.answer;
        },
        onControlFrame: (opcode, chunk, start, end) => {
          this.events.push({ kind: "control", opcode, payload: Buffer.from(chunk.subarray(start, end)) });
          this.afterEach();
          return null;
        },
      },
      maxPayload,
    );
    this.parser = new FrameParser(role, assembler, allowedRsv);
  }

  /** Pushes the chunks, all of them unless a violation comes first. @returns the violation's code */
  read(...chunks: readonly Buffer[]): string | null {
    for (const chunk of chunks) {
      if (this.parser.push(chunk) === -1) break;
    }
    return this.parser.violation?.code ?? null;
  }

  get messages(): (string | Buffer)[] {
    return this.events.flatMap((event) => (event.kind === "message" ? [event.data] : []));
  }
}
