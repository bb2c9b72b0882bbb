/** The value of Host and the authority of a URI: uri-host [ ":" port ] (RFC 9110 section 7.2, RFC 3986 section 3.2). */

export interface HostAndPort {
  /** In lower case, an IPv6 address with its brackets; never empty. */
  readonly name: string;
  /** The digits as they were sent; "" if there is no port. */
  readonly port: string;
}

/** reg-name = *( unreserved / pct-encoded / sub-delims ), but not empty. An IPv4 address matches it too. */
const REG_NAME = /^(?:[-._~!$&'()*+,;=A-Za-z0-9]|%[0-9A-Fa-f]{2})+$/;
const PORT = /^[0-9]{0,5}$/;
const MAX_PORT = 65_535;

/** The longest IPv6 address has 45 characters; the brackets are two more. */
function isIpLiteral(name: string): boolean {
  return name.length <= 47 && name.endsWith("]") && URL.canParse(`http://${name}/`);
}

function isPort(port: string): boolean {
  return PORT.test(port) && Number(port) <= MAX_PORT;
}

/** Parses a host with an optional port. @returns null for anything else, and for an empty host */
export function parseHost(text: string): HostAndPort | null {
  const isLiteral = text.startsWith("[");
  const colon = isLiteral ? text.indexOf(":", text.indexOf("]")) : text.indexOf(":");
  const name = colon < 0 ? text : text.slice(0, colon);
  const port = colon < 0 ? "" : text.slice(colon + 1);
  if (!isPort(port)) return null;
  return (isLiteral ? isIpLiteral(name) : REG_NAME.test(name)) ? { name: name.toLowerCase(), port } : null;
}
