import { shown, wrongType } from "../arguments/index.ts";
import { isToken } from "../extensions/token.ts";
import { isOws, trimOws } from "./field-list.ts";
import type { HeadFault } from "./head-fault.ts";

/** What is done with a field line that goes on over a further line (obs-fold, RFC 9112 section 5.2). */
export type Folding = "refuse" | "unfold";

interface Field {
  readonly name: string;
  readonly value: string;
}

/** field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5). */
function parseLine(line: string): Field | HeadFault {
  const colon = line.indexOf(":");
  if (colon < 0) return { rule: "colon", text: line };
  const name = line.slice(0, colon);
  if (isToken(name)) return { name, value: trimOws(line.slice(colon + 1)) };
  // "No whitespace is allowed between the field name and colon" (RFC 9112 section 5.1).
  const bare = trimOws(name);
  return { rule: bare !== name && isToken(bare) ? "spaceBeforeColon" : "fieldName", text: line };
}

/** Both are trimmed already; trimming their sum would look at `value` again for each of its lines. */
function unfolded(value: string, line: string): string {
  return value === "" || line === "" ? value + line : `${value} ${line}`;
}

/**
 * The separator for the values of several lines of one field (RFC 9110 section 5.3). Cookie is not a list (RFC 6265
 * section 4.2).
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

/** Header fields, in their order on the wire. Names are looked up in any case. */
export class HeaderFields {
  /** name, value, name, value, ... as on the wire, without the white space around the values. */
  readonly raw: readonly string[];
  #object: Readonly<Record<string, string>> | null = null;

  private constructor(raw: readonly string[]) {
    this.raw = raw;
  }

  /**
   * Parses the field lines of a head as `HeadReader` gives it.
   *
   * @param lines all lines of the head, of which the first `skip` (the start line) are left out.
   * @param maxHeaders the largest number of fields.
   */
  static parse(lines: readonly string[], skip: number, maxHeaders: number, folding: Folding): HeaderFields | HeadFault {
    const raw: string[] = [];
    for (const line of lines.slice(skip)) {
      if (isOws(line.charCodeAt(0))) {
        const last = raw.pop();
        // Before the first field such a line MUST be rejected or ignored (RFC 9112 section 2.2).
        if (last === undefined || folding === "refuse") return { rule: "folding", text: line };
        raw.push(unfolded(last, trimOws(line)));
        continue;
      }
      if (raw.length === 2 * maxHeaders) return { rule: "fieldCount", text: "" };
      const field = parseLine(line);
      if ("rule" in field) return field;
      raw.push(field.name, field.value);
    }
    return new HeaderFields(raw);
  }

  /**
   * Wraps fields that another parser has checked, such as the `rawHeaders` of an `http.IncomingMessage`.
   *
   * @throws TypeError for anything but a list of names and values in turn, such as the `headers` of one.
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

  /** The values of all fields with this name, a value a line; empty when there is none. */
  all(name: string): readonly string[] {
    const wanted = name.toLowerCase();
    const values: string[] = [];
    for (let at = 0; at < this.raw.length; at += 2) {
      const each = this.raw[at] as string;
      // Most names differ in length already, and need no copy in lower case.
      if (each.length === wanted.length && each.toLowerCase() === wanted) values.push(this.raw[at + 1] ?? "");
    }
    return values;
  }

  /**
   * The values of all fields with this name joined by ", ", or by "; " for Cookie; undefined when there is none. Use
   * `all()` for Set-Cookie, whose joined values cannot be split again.
   */
  get(name: string): string | undefined {
    const values = this.all(name);
    return values.length === 0 ? undefined : values.join(separatorOf(name.toLowerCase()));
  }

  /**
   * All fields by their lower-case names, made once; the values are those of `get()`. It has no prototype: "__proto__"
   * is a name like any other.
   */
  toObject(): Readonly<Record<string, string>> {
    this.#object ??= this.#makeObject();
    return this.#object;
  }

  /** The same for a response. The values of Set-Cookie are an array. */
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
