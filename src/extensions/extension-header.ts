/**
 * The grammar of Sec-WebSocket-Extensions, read by one scanner that looks at every character once:
 *
 *     extension-list  = 1#extension
 *     extension       = extension-token *( ";" extension-param )
 *     extension-param = token [ "=" (token | quoted-string) ]
 */
import { isToken, isTokenCode } from "../http/token.ts";

/** One parameter of an extension, as it stands in the header. */
export interface ExtensionParam {
  readonly name: string;
  /** `true` where the parameter has no value; never an empty string. */
  readonly value: string | true;
}

/** One element of Sec-WebSocket-Extensions: an offer in a request, an acceptance in a response. */
export interface ExtensionDeclaration {
  readonly name: string;
  /** In the order of the header; a parameter that stands twice is here twice. */
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

  /** Goes past white space, and past `code` and what white space follows it; false when another one stands there. */
  take(code: number): boolean {
    this.skipSpace();
    if (this.#text.charCodeAt(this.#at) !== code) return false;
    this.#at++;
    this.skipSpace();
    return true;
  }

  /** The token that begins here; null when there is none. */
  token(): string | null {
    const start = this.#at;
    while (isTokenCode(this.#text.charCodeAt(this.#at))) this.#at++;
    return this.#at === start ? null : this.#text.slice(start, this.#at);
  }

  /** A token or a quoted-string: "the value after quoted-string unescaping MUST conform to the 'token' ABNF". */
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
 * Parses the value of Sec-WebSocket-Extensions (RFC 6455 section 9.1); the values of several lines are
 * joined by commas first. White space around `,`, `;` and `=` and empty list elements are tolerated, as the
 * list rule asks of recipients (RFC 9110 section 5.6.1.2); a list of nothing but these is not.
 *
 * @returns at least one declaration, in the order of the header; null when the value breaks the grammar.
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
 * The value of a Sec-WebSocket-Extensions header field; "" for an empty list, for which the field is left out.
 *
 * @throws TypeError when a name or a value is not a token.
 */
export function formatExtensionHeader(list: readonly ExtensionDeclaration[]): string {
  return list.map(({ name, params }) => checked(name) + params.map(formatParam).join("")).join(", ");
}
