import { shown, wrongType } from "../arguments/index.ts";

/**
 * The separator that joins the values of several lines of one field (RFC 9110 section 5.3). Cookie is not a list
 * (RFC 6265 section 4.2).
 */
function separatorOf(lowerCaseName: string): string {
  return lowerCaseName === "cookie" ? "; " : ", ";
}

/**
 * The header fields of a response by their lower-case names, as in node's `IncomingMessage`: the values of several
 * lines are joined by ", ", except those of `Set-Cookie`, which are always an array.
 */
export interface ResponseHeaders {
  readonly "set-cookie"?: readonly string[];
  readonly "content-type"?: string;
  readonly date?: string;
  readonly location?: string;
  readonly "retry-after"?: string;
  readonly server?: string;
  readonly "www-authenticate"?: string;
  readonly [name: string]: string | readonly string[] | undefined;
}

/**
 * Header fields in the order in which they arrived. Names are case-insensitive (RFC 9110 section 5.1).
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { HeaderFields } from "tautline/handshake";
 *
 * // The `rawHeaders` of node's http.IncomingMessage have this form.
 * const fields = HeaderFields.fromRaw(["Host", "example.com", "Accept", "a", "accept", "b"]);
 * assert.equal(fields.get("HOST"), "example.com");
 * assert.deepEqual(fields.all("accept"), ["a", "b"]);
 * assert.equal(fields.get("accept"), "a, b");
 * assert.equal(fields.count, 3);
 * ```
 */
export class HeaderFields {
  /** name, value, name, value, … as received, without the white space around the values. */
  readonly raw: readonly string[];
  #object: Readonly<Record<string, string>> | null = null;

  private constructor(raw: readonly string[]) {
    this.raw = raw;
  }

  /**
   * Wraps fields that a parser has checked, such as the `rawHeaders` of an `http.IncomingMessage`.
   *
   * @param rawHeaders names and values in turn
   * @throws TypeError ARGUMENT_INVALID for anything else, such as the `headers` of an `http.IncomingMessage`
   */
  static fromRaw(rawHeaders: readonly string[]): HeaderFields {
    if (!Array.isArray(rawHeaders) || rawHeaders.length % 2 !== 0) {
      const message = `rawHeaders must be a list of names and values in turn, not ${shown(rawHeaders)}`;
      throw wrongType("ARGUMENT_INVALID", message);
    }
    return new HeaderFields(rawHeaders);
  }

  /** The number of field lines. */
  get count(): number {
    return this.raw.length / 2;
  }

  /** The values of all fields with this name, one value per line; empty if there are none. */
  all(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (let at = 0; at < this.raw.length; at += 2) {
      const each = this.raw[at] as string;
      // Most names already differ in length and need no copy in lower case.
      if (each.length === wanted.length && each.toLowerCase() === wanted) values.push(this.raw[at + 1] ?? "");
    }
    return values;
  }

  /**
   * The values of all fields with this name, joined by ", ", or by "; " for Cookie; undefined if there are none. Use
   * `all()` for Set-Cookie, whose joined values cannot be split again.
   */
  get(name: string): string | undefined {
    const values = this.all(name);
    return values.length === 0 ? undefined : values.join(separatorOf(name.toLowerCase()));
  }

  /**
   * All fields by their lower-case names, with the values that `get()` returns. The object is made once and frozen. It
   * has no prototype, so that a field may have the name "__proto__".
   */
  toObject(): Readonly<Record<string, string>> {
    this.#object ??= this.#makeObject();
    return this.#object;
  }

  /** The same as `toObject()` for a response, in which the values of Set-Cookie are an array. */
  toResponseHeaders(): ResponseHeaders {
    const cookies = this.all("set-cookie");
    if (cookies.length === 0) return this.toObject();
    const others = Object.assign(Object.create(null) as object, this.toObject());
    return Object.freeze(Object.assign(others, { "set-cookie": Object.freeze(cookies) }));
  }

  #makeObject(): Readonly<Record<string, string>> {
    const object: Record<string, string> = Object.create(null);
    for (let at = 0; at < this.raw.length; at += 2) {
      const name = (this.raw[at] as string).toLowerCase();
      const value = this.raw[at + 1] ?? "";
      const earlier = object[name];
      object[name] = earlier === undefined ? value : `${earlier}${separatorOf(name)}${value}`;
    }
    return Object.freeze(object);
  }
}
