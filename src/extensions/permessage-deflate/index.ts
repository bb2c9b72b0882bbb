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
    // Section 7: "A server MUST decline an extension negotiation offer" with a defect, or that it does not support.
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
      // Section 7.2.1: no longer window than agreed, and an empty one for each message where that was agreed.
      encodeWindowBits: serverBits,
      encodeTakeover: !answer.serverNoContextTakeover,
      // Section 7.2.2: unless agreed otherwise, 32,768 bytes and the window of the message before.
      decodeWindowBits: clientBits ?? LARGEST_WINDOW,
      decodeTakeover: !answer.clientNoContextTakeover,
    });
  }

  agree(params: readonly ExtensionParam[]): NegotiatedExtension | string {
    const answer = parseAnswer(params);
    if (typeof answer === "string") return answer;
    const refused = this.#notAsOffered(answer);
    if (refused !== null) return refused;
    const { clientNoContextTakeover, clientMaxWindowBits } = this.#settings;
    return this.#negotiated(params, {
      ...this.#effort,
      // What we said that we would do we do, whether the server repeats it or not (sections 7.1.1.2 and 7.1.2.2).
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

  /** What the server's answer says of the client's window; `undefined` where the offer does not let us have ours. */
  #clientBitsFor({ clientMaxWindowBits: offered }: OfferParameters): number | null | undefined {
    const ours = this.#settings.clientMaxWindowBits;
    // Section 7.1.2.2: without it in the offer the answer "MUST NOT include" it.
    if (offered === null) return ours === LARGEST_WINDOW ? null : undefined;
    if (offered !== true) return Math.min(offered, ours);
    return ours === LARGEST_WINDOW ? null : ours;
  }

  /** Section 7: what a client must not put up with. */
  #notAsOffered(answer: AnswerParameters): string | null {
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
 * Compression of messages by permessage-deflate (RFC 7692).
 *
 * @throws TypeError or RangeError naming the option that is not valid, or not known
 */
export function permessageDeflate(options: PerMessageDeflateOptions = {}): Extension {
  return new PerMessageDeflate(resolveDeflateOptions(options));
}
