/** The value of Host and the authority of a URI: uri-host [ ":" port ] (RFC 9110 section 7.2, RFC 3986 section 3.2). */

export interface HostAndPort {
  /** In lower case, an IPv6 address with its brackets; never empty. */
  readonly name: string;
  /** The digits as they stand; "" when there is no port. */
  readonly port: string;
}

const NAME_CHARS = "-._~!$&'()*+,;=ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const IS_NAME_CHAR = new Set(NAME_CHARS);
const IS_HEX_DIGIT = new Set("0123456789abcdefABCDEF");
const MAX_PORT = 65_535;

/** reg-name = *( unreserved / pct-encoded / sub-delims ); an IPv4 address is one of these. */
function isRegName(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (IS_NAME_CHAR.has(name.charAt(at))) continue;
    if (name.charAt(at) !== "%") return false;
    if (!IS_HEX_DIGIT.has(name.charAt(at + 1)) || !IS_HEX_DIGIT.has(name.charAt(at + 2))) return false;
    at += 2;
  }
  return name !== "";
}

/** 45 characters hold the longest IPv6 address, "[" and "]" come on top. */
function isIpLiteral(name: string): boolean {
  return name.length <= 47 && name.endsWith("]") && URL.canParse(`http://${name}/`);
}

function isPort(port: string): boolean {
  if (port.length > 5) return false;
  for (const char of port) if (char < "0" || char > "9") return false;
  return Number(port) <= MAX_PORT;
}

/** Parses a host with an optional port; null when it is neither, or when the host is empty. */
export function parseHost(text: string): HostAndPort | null {
  const isLiteral = text.startsWith("[");
  const colon = isLiteral ? text.indexOf(":", text.indexOf("]")) : text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? "" : text.slice(colon + 1);
  if (!isPort(port)) return null;
  return (isLiteral ? isIpLiteral(name) : isRegName(name)) ? { name: name.toLowerCase(), port } : null;
}
