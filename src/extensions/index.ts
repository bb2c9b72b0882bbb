export type {
  Extension,
  MessageCodec,
  NegotiatedExtension,
  ReservedBit,
  SendOptions,
} from "./extension.ts";
export {
  type ExtensionDeclaration,
  type ExtensionParam,
  formatExtensionHeader,
  parseExtensionHeader,
} from "./extension-header.ts";
export { type EncodedMessage, MessagePipeline, type PipelineStage } from "./message-pipeline.ts";
export { isToken } from "./token.ts";
