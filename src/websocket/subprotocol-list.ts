import { shown } from "../arguments/index.ts";
import { isToken } from "../http/token.ts";
import { toDomString, toSequenceOfDomStrings } from "./web-idl.ts";

/**
 * Converts `(DOMString or sequence<DOMString>)` to the list of subprotocols: steps 8 and 9 of the constructor in the
 * WHATWG WebSockets standard.
 *
 * @throws DOMException SyntaxError for a name that is not a token (RFC 6455 section 4.1, item 10) or occurs twice;
 *   TypeError for a Symbol
 */
export function subprotocolList(given: unknown): readonly string[] {
  const protocols = toSequenceOfDomStrings(given) ?? [toDomString(given)];
  const seen = new Set<string>();
  for (const protocol of protocols) {
    if (!isToken(protocol)) {
      throw new DOMException(`${shown(protocol)} is not the name of a subprotocol: it must be a token`, "SyntaxError");
    }
    if (seen.has(protocol)) throw new DOMException(`the subprotocol ${shown(protocol)} is given twice`, "SyntaxError");
    seen.add(protocol);
  }
  return protocols;
}
