export {
  type ExtensionDeclaration,
  type ExtensionParam,
  formatExtensionHeader,
  parseExtensionHeader,
} from "./extension-header.ts";
export { isToken } from "./token.ts";
