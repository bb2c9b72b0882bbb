/**
 * The entry `tautline/extensions`: the interface of extensions and their negotiation (RFC 6455 section 9), and
 * permessage-deflate (RFC 7692). Whatever it does not export may change in any release.
 */

export type {
  Extension,
  MessageCodec,
  NegotiatedExtension,
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
export type { EncodedMessage, MessagePipeline } from "./message-pipeline.ts";
export {
  type AgreedExtension,
  answerOffers,
  checkAnswer,
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
