import type { Extension, NegotiatedExtension } from "../extension.ts";
import type { ExtensionParam } from "../extension-header.ts";
import type { CodecConfig } from "./codec-config.ts";
import { DeflateCodec } from "./deflate-codec.ts";
import { type DeflateSettings, type PerMessageDeflateOptions, resolveDeflateOptions } from "./options.ts";
import {
  type AnswerParameters,
  formatParameters,
  type OfferParameters,
  parseAnswer,
  parseOffer,
} from "./parameters.ts";

export type { PoolStatistics } from "./context-pool.ts";
export {
  type DeflateLimits,
  type DeflateStatistics,
  deflateStatistics,
  limitDeflateContexts,
} from "./deflate-contexts.ts";
export type { PerMessageDeflateOptions } from "./options.ts";

const RSV1 = 0x40;
const LARGEST_WINDOW = 15;

/** permessage-deflate (RFC 7692), for either side of a connection. */
class PerMessageDeflate implements Extension {
  readonly name = "permessage-deflate";
  readonly rsv = RSV1;
  readonly #settings: DeflateSettings;

  constructor(settings: DeflateSettings) {
    this.#settings = settings;
  }

  offers(): readonly (readonly ExtensionParam[])[] {
    const wanted = this.#wanted();
    const offers = [formatParameters(wanted)];
    const asksServer = wanted.serverNoContextTakeover || wanted.serverMaxWindowBits !== null;
    if (this.#settings.fallback && asksServer) {
      offers.push(formatParameters({ ...wanted, serverNoContextTakeover: false, serverMaxWindowBits: null }));
    }
    return offers;
  }

  answer(params: readonly ExtensionParam[]): NegotiatedExtension | null {
    const offer = parseOffer(params);
    // Section 7: "A server MUST decline an extension negotiation offer" that is invalid or not supported.
    if (typeof offer === "string") return null;
    const clientBits = this.#clientBitsFor(offer);
    if (clientBits === undefined) return null;
    const serverBits = Math.min(offer.serverMaxWindowBits ?? LARGEST_WINDOW, this.#settings.serverMaxWindowBits);
    const answer: AnswerParameters = {
      serverNoContextTakeover: offer.serverNoContextTakeover || this.#settings.serverNoContextTakeover,
      clientNoContextTakeover: offer.clientNoContextTakeover || this.#settings.clientNoContextTakeover,
      serverMaxWindowBits: offer.serverMaxWindowBits === null && serverBits === LARGEST_WINDOW ? null : serverBits,
      clientMaxWindowBits: clientBits,
    };
    return this.#negotiated(formatParameters(answer), {
      ...this.#effort,
      // Section 7.2.1: the window is not larger than agreed, and empty for each message if that was agreed.
      encodeWindowBits: serverBits,
      encodeTakeover: !answer.serverNoContextTakeover,
      // Section 7.2.2: unless agreed otherwise, 32,768 bytes, and the window of the last message.
      decodeWindowBits: clientBits ?? LARGEST_WINDOW,
      decodeTakeover: !answer.clientNoContextTakeover,
    });
  }

  agree(params: readonly ExtensionParam[]): NegotiatedExtension | string {
    const answer = parseAnswer(params);
    if (typeof answer === "string") return answer;
    const objection = this.#objectionTo(answer);
    if (objection !== null) return objection;
    const { clientNoContextTakeover, clientMaxWindowBits } = this.#settings;
    return this.#negotiated(params, {
      ...this.#effort,
      // Our offer binds us, whether the server repeats it or not (sections 7.1.1.2 and 7.1.2.2).
      encodeWindowBits: Math.min(answer.clientMaxWindowBits ?? LARGEST_WINDOW, clientMaxWindowBits),
      encodeTakeover: !answer.clientNoContextTakeover && !clientNoContextTakeover,
      decodeWindowBits: answer.serverMaxWindowBits ?? LARGEST_WINDOW,
      decodeTakeover: !answer.serverNoContextTakeover,
    });
  }

  /** The client's first offer. */
  #wanted(): OfferParameters {
    const { serverMaxWindowBits, clientMaxWindowBits, offersClientWindow } = this.#settings;
    const clientBits = clientMaxWindowBits === LARGEST_WINDOW ? true : clientMaxWindowBits;
    return {
      serverNoContextTakeover: this.#settings.serverNoContextTakeover,
      clientNoContextTakeover: this.#settings.clientNoContextTakeover,
      serverMaxWindowBits: serverMaxWindowBits === LARGEST_WINDOW ? null : serverMaxWindowBits,
      clientMaxWindowBits: offersClientWindow ? clientBits : null,
    };
  }

  /** The client's window in the server's answer. `undefined` if the offer does not allow the one in our settings. */
  #clientBitsFor({ clientMaxWindowBits: offered }: OfferParameters): number | null | undefined {
    const ours = this.#settings.clientMaxWindowBits;
    // Section 7.1.2.2: if the offer has no client_max_window_bits, the answer "MUST NOT include" it.
    if (offered === null) return ours === LARGEST_WINDOW ? null : undefined;
    if (offered !== true) return Math.min(offered, ours);
    return ours === LARGEST_WINDOW ? null : ours;
  }

  /** Section 7: what makes a client fail the connection, or `null`. */
  #objectionTo(answer: AnswerParameters): string | null {
    const { serverNoContextTakeover, serverMaxWindowBits, offersClientWindow, fallback } = this.#settings;
    if (answer.clientMaxWindowBits !== null && !offersClientWindow) return "client_max_window_bits was not offered";
    if (fallback) return null;
    if (serverNoContextTakeover && !answer.serverNoContextTakeover) {
      return "server_no_context_takeover was requested and not granted";
    }
    const granted = answer.serverMaxWindowBits ?? LARGEST_WINDOW;
    if (granted <= serverMaxWindowBits) return null;
    return `server_max_window_bits=${serverMaxWindowBits} was requested and ${granted} granted`;
  }

  get #effort(): Pick<CodecConfig, "level" | "memLevel" | "threshold"> {
    const { level, memLevel, threshold } = this.#settings;
    return { level, memLevel, threshold };
  }

  #negotiated(params: readonly ExtensionParam[], config: CodecConfig): NegotiatedExtension {
    return { params, open: (maxPayload) => new DeflateCodec(config, maxPayload) };
  }
}

/**
 * Makes the extension permessage-deflate, which compresses messages (RFC 7692). Servers and connections make it
 * themselves by their option `perMessageDeflate`.
 *
 * @throws TypeError OPTION_UNKNOWN for an unknown option, TypeError or RangeError OPTION_INVALID for an invalid value
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { declareOffers, formatExtensionHeader, permessageDeflate } from "tautline/extensions";
 *
 * const extension = permessageDeflate({ threshold: 1024, serverNoContextTakeover: true });
 * const header = formatExtensionHeader(declareOffers([extension]));
 * assert.equal(header, "permessage-deflate; server_no_context_takeover; client_max_window_bits");
 * ```
 */
export function permessageDeflate(options: PerMessageDeflateOptions = {}): Extension {
  return new PerMessageDeflate(resolveDeflateOptions(options));
}
