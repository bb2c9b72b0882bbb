/** The extension interface, the negotiation of extensions (RFC 6455 section 9), and permessage-deflate (RFC 7692). */

export { isToken } from "../http/token.ts";
export type {
  Extension,
  MessageCodec,
  NegotiatedExtension,
  PieceDecoder,
  PieceEncoder,
  ReservedBit,
  SendOptions,
  SharedEncoder,
} from "./extension.ts";
export {
  type ExtensionDeclaration,
  type ExtensionParam,
  formatExtensionHeader,
  parseExtensionHeader,
} from "./extension-header.ts";
export { type EncodedMessage, MessagePipeline, type PipelineStage } from "./message-pipeline.ts";
export {
  type AgreedExtension,
  answerOffers,
  checkAnswer,
  checkExtensions,
  declareAgreed,
  declareOffers,
  openPipeline,
} from "./negotiation.ts";
export {
  type DeflateLimits,
  type DeflateStatistics,
  deflateStatistics,
  limitDeflateContexts,
  type PerMessageDeflateOptions,
  type PoolStatistics,
  permessageDeflate,
} from "./permessage-deflate/index.ts";
