import { isObject } from "./web-idl.ts";

/** The value of an event handler attribute. An object that is not a function is kept, and never called. */
export type HandlerValue = object | null;

/** A handler that is active. It keeps its place among the listeners while its value changes. */
interface ActiveHandler {
  value: object;
  readonly listener: (event: Event) => void;
}

// A method that every target inherits: an application may have one of the same name.
const { addEventListener, removeEventListener } = EventTarget.prototype;

/**
 * The event handler attributes of one target, such as `onmessage`, by the HTML standard ("event handlers"): the first
 * value that is an object adds a listener, `null` removes it, and a value in between changes what the listener calls.
 */
export class EventHandlers {
  readonly #target: EventTarget;
  readonly #active = new Map<string, ActiveHandler>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): HandlerValue {
    return this.#active.get(type)?.value ?? null;
  }

  /** @param value anything but an object counts as `null` (Web IDL: LegacyTreatNonObjectAsNull) */
  set(type: string, value: unknown): void {
    const active = this.#active.get(type);
    if (!isObject(value)) {
      if (active === undefined) return;
      this.#active.delete(type);
      removeEventListener.call(this.#target, type, active.listener);
    } else if (active === undefined) {
      this.#activate(type, value);
    } else {
      active.value = value;
    }
  }

  #activate(type: string, value: object): void {
    const target = this.#target;
    const handler: ActiveHandler = {
      value,
      listener: (event) => {
        // What it returns means nothing: no event of these targets can be cancelled.
        if (typeof handler.value === "function") Reflect.apply(handler.value, target, [event]);
      },
    };
    this.#active.set(type, handler);
    addEventListener.call(target, type, handler.listener);
  }
}
