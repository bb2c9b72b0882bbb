/**
 * The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1), read by a scanner that looks at each character once:
 *
 *     extension-list  = 1#extension
 *     extension       = extension-token *( ";" extension-param )
 *     extension-param = token [ "=" (token | quoted-string) ]
 */
import { isToken, isTokenCode } from "../http/token.ts";

/** One parameter of an extension in Sec-WebSocket-Extensions. */
export interface ExtensionParam {
  /** A token. */
  readonly name: string;
  /** A token, without the quotes of a quoted-string; `true` if the parameter has no value. */
  readonly value: string | true;
}

/** One element of Sec-WebSocket-Extensions: an offer in a request, an accepted extension in a response. */
export interface ExtensionDeclaration {
  /** A token. */
  readonly name: string;
  /** In the order of the header. Duplicate parameters are kept. */
  readonly params: readonly ExtensionParam[];
}

const HTAB = 0x09;
const SPACE = 0x20;
const DQUOTE = 0x22;
const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const BACKSLASH = 0x5c;

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  skipSpace(): void {
    let code = this.#text.charCodeAt(this.#at);
    while (code === SPACE || code === HTAB) code = this.#text.charCodeAt(++this.#at);
  }

  /** Skips white space, then `code` with the white space behind it. @returns false if another character follows */
  take(code: number): boolean {
    this.skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    this.skipSpace();
    return true;
  }

  /** Reads a token. @returns `null` if none begins here */
  token(): string | null {
    const start = this.#at;
    while (isTokenCode(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#at === start ? null : this.#text.slice(start, this.#at);
  }

  /** Reads a token or a quoted-string: "the value after quoted-string unescaping MUST conform to the 'token' ABNF". */
  value(): string | null {
    if (this.#text.charCodeAt(this.#at) !== DQUOTE) return this.token();
    this.#at++;
    let value = "";
    for (;;) {
      if (this.#text.charCodeAt(this.#at) === BACKSLASH) this.#at++;
      else if (this.#text.charCodeAt(this.#at) === DQUOTE) break;
      if (!isTokenCode(this.#text.charCodeAt(this.#at))) return null;
      value += this.#text.charAt(this.#at++);
    }
    this.#at++;
    return value === "" ? null : value;
  }
}

function readParam(scanner: Scanner): ExtensionParam | null {
  const name = scanner.token();
  if (name === null) return null;
  if (!scanner.take(EQUALS)) return { name, value: true };
  const value = scanner.value();
  return value === null ? null : { name, value };
}

function readDeclaration(scanner: Scanner): ExtensionDeclaration | null {
  const name = scanner.token();
  if (name === null) return null;
  const params: ExtensionParam[] = [];
  while (scanner.take(SEMICOLON)) {
    const param = readParam(scanner);
    if (param === null) return null;
    params.push(param);
  }
  return { name, params };
}

/**
 * Parses the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1). The values of several field lines must be joined
 * by commas before. White space around `,`, `;` and `=` is allowed, and so are empty list elements (RFC 9110 section
 * 5.6.1.2).
 *
 * @returns at least one declaration, in the order of the header; `null` if the value violates the grammar or is empty
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { parseExtensionHeader } from "tautline/extensions";
 *
 * assert.deepEqual(parseExtensionHeader('a; b=1; c, d; e="2"'), [
 *   { name: "a", params: [{ name: "b", value: "1" }, { name: "c", value: true }] },
 *   { name: "d", params: [{ name: "e", value: "2" }] },
 * ]);
 * assert.equal(parseExtensionHeader("a b"), null);
 * ```
 */
export function parseExtensionHeader(value: string): readonly ExtensionDeclaration[] | null {
  const scanner = new Scanner(value);
  const list: ExtensionDeclaration[] = [];
  scanner.skipSpace();
  while (!scanner.ended) {
    if (scanner.take(COMMA)) continue;
    const declaration = readDeclaration(scanner);
    if (declaration === null) return null;
    list.push(declaration);
    if (!scanner.ended && !scanner.take(COMMA)) return null;
  }
  return list.length === 0 ? null : list;
}

function checked(text: string): string {
  if (!isToken(text)) throw new TypeError(`${JSON.stringify(text)} is not a token (RFC 6455 section 9.1)`);
  return text;
}

function formatParam({ name, value }: ExtensionParam): string {
  return value === true ? `; ${checked(name)}` : `; ${checked(name)}=${checked(value)}`;
}

/**
 * Formats the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1).
 *
 * @returns "" for an empty list: the field must be left out then
 * @throws TypeError if a name or a value is not a token
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { formatExtensionHeader } from "tautline/extensions";
 *
 * const params = [{ name: "server_max_window_bits", value: "10" }];
 * const value = formatExtensionHeader([{ name: "permessage-deflate", params }]);
 * assert.equal(value, "permessage-deflate; server_max_window_bits=10");
 * ```
 */
export function formatExtensionHeader(list: readonly ExtensionDeclaration[]): string {
  return list.map(({ name, params }) => checked(name) + params.map(formatParam).join("")).join(", ");
}
