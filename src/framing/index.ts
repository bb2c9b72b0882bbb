/** Bytes to frames to messages and back, without sockets or timers (RFC 6455 sections 5 and 6). */

export { CloseCode } from "./close-code.ts";
export {
  ABNORMAL_CLOSURE,
  type CloseStatus,
  closeStatus,
  encodeClosePayload,
  isCloseCode,
  MAX_CLOSE_REASON,
  NO_STATUS,
  parseClosePayload,
  shortenedReason,
} from "./close-payload.ts";
export { copyBytes } from "./copy-bytes.ts";
export { type FrameListener, FrameParser, type Role } from "./frame-parser.ts";
export { headerSize, textFrameRoom, writeFrame, writeHeader, writeTextFrame } from "./frame-writer.ts";
export { checkHeader, LENGTH_PENDING } from "./header-rules.ts";
export { maskInPlace, rotateKey } from "./mask.ts";
export { nextMaskKey } from "./mask-key.ts";
export { MessageAssembler, type MessageListener } from "./message-assembler.ts";
export { type MessageForm, STRING_OR_BUFFER } from "./message-form.ts";
export { type ControlOpcode, FIN_BIT, isControl, MAX_CONTROL_PAYLOAD, type MessageOpcode, Opcode } from "./opcode.ts";
export { PieceAssembler, type PieceListener } from "./piece-assembler.ts";
export { TextCutter } from "./text-cutter.ts";
export { decodeUtf8, UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "./utf8.ts";
export { Utf8Joiner } from "./utf8-joiner.ts";
export { type Violation, Violations, violation } from "./violations.ts";
