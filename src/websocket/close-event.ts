import { isObject, requireArguments, toDomString, toUnsignedShort, toUsvString } from "./web-idl.ts";

/** The dictionary of the constructor of `CloseEvent`. */
export interface CloseEventInit extends NonNullable<ConstructorParameters<typeof Event>[1]> {
  wasClean?: boolean | undefined;
  code?: number | undefined;
  reason?: string | undefined;
}

class OwnCloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init?: CloseEventInit);
  constructor(...given: readonly unknown[]) {
    requireArguments(given.length, 1, "the constructor of CloseEvent");
    const type = toDomString(given[0]);
    const init = (given[1] ?? null) as CloseEventInit | null;
    if (init !== null && !isObject(init)) throw new TypeError("the second argument of CloseEvent must be an object");
    super(type, init ?? {});
    // The members of a dictionary are read in the order of their names.
    const { code, reason, wasClean } = init ?? {};
    this.#code = code === undefined ? 0 : toUnsignedShort(code);
    this.#reason = reason === undefined ? "" : toUsvString(reason);
    this.#wasClean = Boolean(wasClean);
  }

  get wasClean(): boolean {
    return this.#wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }
}

Object.defineProperties(OwnCloseEvent, { name: { value: "CloseEvent" }, length: { value: 1 } });
Object.defineProperties(OwnCloseEvent.prototype, {
  wasClean: { enumerable: true },
  code: { enumerable: true },
  reason: { enumerable: true },
  [Symbol.toStringTag]: { value: "CloseEvent", configurable: true },
});

/** The event `"close"` of a `WebSocket`. */
export interface CloseEvent extends Event {
  /** Whether the closing handshake was completed. */
  readonly wasClean: boolean;
  /** The code of the peer's Close frame; 1005 if it has none, 1006 if no Close frame came. */
  readonly code: number;
  /** The reason in the peer's Close frame; "" if it has none. */
  readonly reason: string;
}

export interface CloseEventConstructor {
  readonly prototype: CloseEvent;
  new (type: string, init?: CloseEventInit): CloseEvent;
}

/**
 * The class of the event `"close"`: node's own, or one that does the same where node has none (before 23).
 *
 * @example
 * ```ts
 * import { CloseEvent } from "tautline";
 *
 * const event = new CloseEvent("close", { wasClean: true, code: 1000, reason: "done" });
 * console.log(event.code, event.reason);
 * ```
 */
export const CloseEvent: CloseEventConstructor =
  (globalThis as { CloseEvent?: CloseEventConstructor }).CloseEvent ?? OwnCloseEvent;
