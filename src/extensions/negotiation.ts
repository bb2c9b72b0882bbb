import { invalidOption, shown, wholeNumber, wrongType } from "../arguments/index.ts";
import { isToken } from "../http/token.ts";
import type { Extension, NegotiatedExtension } from "./extension.ts";
import type { ExtensionDeclaration } from "./extension-header.ts";
import { MessagePipeline } from "./message-pipeline.ts";

/** An extension that both sides use, with the agreed parameters. */
export interface AgreedExtension {
  readonly extension: Pick<Extension, "name" | "rsv">;
  readonly negotiated: NegotiatedExtension;
}

const RESERVED_BITS: ReadonlySet<number> = new Set([0, 0x10, 0x20, 0x40]);
const METHODS = ["offers", "answer", "agree"] as const satisfies (keyof Extension)[];

/** @throws TypeError OPTION_INVALID for an invalid extension, or a duplicate name */
export function checkExtensions(extensions: readonly Extension[]): void {
  const names = new Set<string>();
  for (const extension of extensions) {
    checkExtension(extension);
    const { name } = extension;
    if (names.has(name)) throw wrongType("OPTION_INVALID", `extensions must not contain the name ${shown(name)} twice`);
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

/**
 * Collects the offers of a client for Sec-WebSocket-Extensions, in the order of preference (RFC 6455 section 9.1).
 *
 * @throws whatever an extension throws
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { declareOffers, formatExtensionHeader, permessageDeflate } from "tautline/extensions";
 *
 * const offers = declareOffers([permessageDeflate({ clientMaxWindowBits: 12 })]);
 * assert.equal(formatExtensionHeader(offers), "permessage-deflate; client_max_window_bits=12");
 * ```
 */
export function declareOffers(extensions: readonly Extension[]): ExtensionDeclaration[] {
  return extensions.flatMap((extension) => extension.offers().map((params) => ({ name: extension.name, params })));
}

/**
 * Chooses what a server accepts of a client's offers (RFC 6455 section 9.1): for each extension the first offer that it
 * does not decline, unless another accepted extension uses the same bit (RFC 7692 section 5).
 *
 * @param offers in the client's order of preference
 * @returns the accepted extensions, in the order of the answer
 * @throws whatever an extension throws
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { answerOffers, parseExtensionHeader, permessageDeflate } from "tautline/extensions";
 *
 * const offers = parseExtensionHeader("x-unknown, permessage-deflate; client_max_window_bits") ?? [];
 * const [agreed] = answerOffers([permessageDeflate()], offers);
 * assert.equal(agreed?.extension.name, "permessage-deflate");
 * ```
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
 * Checks the server's answer, for a client (RFC 6455 section 9.1 and RFC 7692 section 5).
 *
 * @param extensions those that the client has offered
 * @returns the agreed extensions, in the order of the answer; a string that says what is wrong if the client must fail
 *   the connection
 * @throws whatever an extension throws
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { checkAnswer, permessageDeflate } from "tautline/extensions";
 *
 * const extensions = [permessageDeflate()];
 * assert.equal(checkAnswer(extensions, [{ name: "permessage-deflate", params: [] }]).length, 1);
 * assert.equal(checkAnswer(extensions, [{ name: "x-other", params: [] }]), "x-other was not offered");
 * ```
 */
export function checkAnswer(
  extensions: readonly Extension[],
  answer: readonly ExtensionDeclaration[],
): AgreedExtension[] | string {
  const agreed: AgreedExtension[] = [];
  let bits = 0;
  for (const { name, params } of answer) {
    const extension = extensions.find((known) => known.name === name);
    // RFC 7692 section 5: on an answer that was not offered a client "MUST _Fail the WebSocket Connection_".
    if (extension === undefined) return `${name} was not offered`;
    if (isAgreed(agreed, name)) return `${name} is accepted twice`;
    // RFC 7692 section 5: on such a combination a client "MUST _Fail the WebSocket Connection_".
    if ((bits & extension.rsv) !== 0) return `${name} and another extension use the same reserved bit`;
    const negotiated = extension.agree(params);
    if (typeof negotiated === "string") return `${name}: ${negotiated}`;
    agreed.push({ extension, negotiated });
    bits |= extension.rsv;
  }
  return agreed;
}

/**
 * Makes a server's answer for Sec-WebSocket-Extensions of what `answerOffers` has accepted (RFC 6455 section 9.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { answerOffers, declareAgreed, permessageDeflate } from "tautline/extensions";
 *
 * const agreed = answerOffers([permessageDeflate()], [{ name: "permessage-deflate", params: [] }]);
 * assert.deepEqual(declareAgreed(agreed), [{ name: "permessage-deflate", params: [] }]);
 * ```
 */
export function declareAgreed(agreed: readonly AgreedExtension[]): ExtensionDeclaration[] {
  return agreed.map(({ extension, negotiated }) => ({ name: extension.name, params: negotiated.params }));
}

const someBytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, "ARGUMENT_INVALID");

/**
 * Makes the pipeline of a connection: a codec of each agreed extension.
 *
 * @param agreed a result of `answerOffers` or `checkAnswer`
 * @param maxPayload the longest message that the connection accepts, in bytes, 1 to 2^53 - 1
 * @returns `null` if no extension was agreed
 * @throws RangeError or TypeError ARGUMENT_INVALID for another `maxPayload`; whatever an extension throws
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { answerOffers, openPipeline, permessageDeflate } from "tautline/extensions";
 *
 * const agreed = answerOffers([permessageDeflate()], [{ name: "permessage-deflate", params: [] }]);
 * const pipeline = openPipeline(agreed, 1 << 20);
 * assert(pipeline !== null);
 * const { rsv, payload } = await pipeline.encode(Buffer.alloc(1000, "a"), 1, { compress: true });
 * assert.equal(rsv, 0x40);
 * assert.ok(payload.length < 1000);
 * pipeline.close();
 * ```
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
