import { type CloseStatus, NO_STATUS } from "../framing/index.ts";
import { closeStatusFrom, type WebSocketCloseInfo } from "./close-info.ts";
import { toDomString } from "./web-idl.ts";

/**
 * Makes an error of the library's own, whose code need not be one that can be sent.
 *
 * @param status what the peer's Close frame said, 1006 if none came; `null` before the connection was open
 * @param cause what went wrong, in node's or the library's own words
 */
export let connectionEndedBy: (message: string, status: CloseStatus | null, cause: unknown) => WebSocketError;

/**
 * Why a `WebSocketStream` could not be opened, or was not closed cleanly. An application can make one, to abort the
 * writable or cancel the readable with the code and the reason of the Close frame to send.
 *
 * @example
 * ```ts
 * import { WebSocketError } from "tautline";
 *
 * const error = new WebSocketError("the game is over", { closeCode: 4000, reason: "game over" });
 * console.log(error.name, error.closeCode, error.reason); // WebSocketError 4000 game over
 * ```
 */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    connectionEndedBy = (message, status, cause) => {
      const error = new WebSocketError(message);
      error.#closeCode = status?.code ?? null;
      error.#reason = status?.reason ?? "";
      Object.defineProperty(error, "cause", { value: cause, writable: true, configurable: true });
      return error;
    };
  }

  /**
   * @param init the code and the reason; a reason without a code gets 1000
   * @throws DOMException InvalidAccessError for a code other than 1000 and 3000 to 4999, SyntaxError for a reason of
   *   more than 123 bytes of UTF-8; TypeError for an `init` that is not an object, or a code that is not from 0 to 65,535
   */
  constructor(message = "", init: WebSocketCloseInfo = {}) {
    super(toDomString(message), "WebSocketError");
    // The constructor of some releases of node returns a plain DOMException.
    if (Object.getPrototypeOf(this) !== new.target.prototype) Object.setPrototypeOf(this, new.target.prototype);
    const { code, reason } = closeStatusFrom(init, "new WebSocketError()");
    this.#closeCode = code === NO_STATUS ? null : code;
    this.#reason = reason;
  }

  /** The close code, `null` for none. */
  get closeCode(): number | null {
    return this.#closeCode;
  }

  /** The close reason, "" for none. */
  get reason(): string {
    return this.#reason;
  }
}

Object.defineProperties(WebSocketError.prototype, {
  closeCode: { enumerable: true },
  reason: { enumerable: true },
  [Symbol.toStringTag]: { value: "WebSocketError", configurable: true },
});
