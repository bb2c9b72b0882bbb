import { invalidOption, shown, wholeNumber, wrongType } from "../arguments/index.ts";
import { isToken } from "../http/token.ts";
import type { Extension, NegotiatedExtension } from "./extension.ts";
import type { ExtensionDeclaration } from "./extension-header.ts";
import { MessagePipeline } from "./message-pipeline.ts";

/** An extension that both sides use, and how. */
export interface AgreedExtension {
  readonly extension: Pick<Extension, "name" | "rsv">;
  readonly negotiated: NegotiatedExtension;
}

const RESERVED_BITS: ReadonlySet<number> = new Set([0, 0x10, 0x20, 0x40]);
const METHODS = ["offers", "answer", "agree"] as const satisfies (keyof Extension)[];

/** @throws TypeError for anything but extensions, a name or a bit that cannot be negotiated, a duplicate name */
export function checkExtensions(extensions: readonly Extension[]): void {
  const names = new Set<string>();
  for (const extension of extensions) {
    checkExtension(extension);
    const { name } = extension;
    if (names.has(name)) throw wrongType("OPTION_INVALID", `the extension ${shown(name)} is given twice`);
    names.add(name);
  }
}

function checkExtension(extension: Partial<Extension> | null): void {
  if (typeof extension !== "object" || extension === null) {
    throw invalidOption("each of extensions", "an object that implements Extension", extension);
  }
  const { name, rsv } = extension;
  if (typeof name !== "string" || !isToken(name)) {
    throw wrongType("OPTION_INVALID", `the extension's name ${shown(name)} is not a token`);
  }
  if (!RESERVED_BITS.has(rsv as number)) {
    throw invalidOption(`rsv of the extension ${shown(name)}`, "0x40, 0x20, 0x10 or 0", rsv);
  }
  const missing = METHODS.find((method) => typeof extension[method] !== "function");
  if (missing !== undefined) {
    throw invalidOption(`${missing} of the extension ${shown(name)}`, "a function", extension[missing]);
  }
}

/** What a client offers, the most wanted first. @throws what an extension throws */
export function declareOffers(extensions: readonly Extension[]): ExtensionDeclaration[] {
  return extensions.flatMap((extension) => extension.offers().map((params) => ({ name: extension.name, params })));
}

/**
 * What a server accepts of the offers (RFC 6455 section 9.1): of each extension the first offer that it does not
 * decline, and none whose bit another one has (RFC 7692 section 5).
 *
 * @param offers in the client's order of preference
 * @returns in the order of the answer
 * @throws what an extension throws
 */
export function answerOffers(
  extensions: readonly Extension[],
  offers: readonly ExtensionDeclaration[],
): AgreedExtension[] {
  const agreed: AgreedExtension[] = [];
  let bits = 0;
  for (const { name, params } of offers) {
    const extension = extensions.find((known) => known.name === name);
    if (extension === undefined || isAgreed(agreed, name) || (bits & extension.rsv) !== 0) continue;
    const negotiated = extension.answer(params);
    if (negotiated === null) continue;
    agreed.push({ extension, negotiated });
    bits |= extension.rsv;
  }
  return agreed;
}

/**
 * What a client makes of the server's answer.
 *
 * @returns what is wrong with it, for a message, where the connection must fail
 * @throws what an extension throws
 */
export function checkAnswer(
  extensions: readonly Extension[],
  answer: readonly ExtensionDeclaration[],
): AgreedExtension[] | string {
  const agreed: AgreedExtension[] = [];
  let bits = 0;
  for (const { name, params } of answer) {
    const extension = extensions.find((known) => known.name === name);
    // RFC 7692 section 5: a client that is answered what it did not offer "MUST _Fail the WebSocket Connection_".
    if (extension === undefined) return `${name} was not offered`;
    if (isAgreed(agreed, name)) return `${name} stands twice`;
    // RFC 7692 section 5: a client that receives such an answer "MUST _Fail the WebSocket Connection_".
    if ((bits & extension.rsv) !== 0) return `${name} and another extension use the same reserved bit`;
    const negotiated = extension.agree(params);
    if (typeof negotiated === "string") return `${name}: ${negotiated}`;
    agreed.push({ extension, negotiated });
    bits |= extension.rsv;
  }
  return agreed;
}

/** What a server answers. */
export function declareAgreed(agreed: readonly AgreedExtension[]): ExtensionDeclaration[] {
  return agreed.map(({ extension, negotiated }) => ({ name: extension.name, params: negotiated.params }));
}

const someBytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, "ARGUMENT_INVALID");

/**
 * Sets the extensions to work on a connection; `null` where there are none.
 *
 * @param maxPayload the longest message that the connection accepts, in bytes
 * @throws RangeError or TypeError unless `maxPayload` is a whole number from 1; what an extension throws
 */
export function openPipeline(agreed: readonly AgreedExtension[], maxPayload: number): MessagePipeline | null {
  if (agreed.length === 0) return null;
  someBytes(maxPayload, "maxPayload");
  return new MessagePipeline(
    agreed.map(({ extension, negotiated }) => ({ rsv: extension.rsv, codec: negotiated.open(maxPayload) })),
  );
}

function isAgreed(agreed: readonly AgreedExtension[], name: string): boolean {
  return agreed.some(({ extension }) => extension.name === name);
}
