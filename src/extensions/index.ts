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
export { isToken } from "./token.ts";
