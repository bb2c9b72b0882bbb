import { byId, element } from "./dom.js";

// RFC 6455, section 1.3: the server proves that it speaks WebSocket by hashing the key with this.
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const OWN_HEADERS = /^(upgrade|connection|host|origin|sec-websocket-.*)$/i;

export function showHandshake({ request, response }) {
  const proof = element("p", { className: "proof" });
  byId("handshake").replaceChildren(
    head("Request", "in", request),
    element("div", {}, head("Response", "out", response), proof),
  );
  explainAccept(proof, headerValue(request, "Sec-WebSocket-Key"), headerValue(response, "Sec-WebSocket-Accept"));
}

function head(title, direction, text) {
  const [first, ...lines] = text.split("\r\n");
  const code = element("code", {}, startLine(first));
  for (const line of lines) code.append("\n", headerLine(line));
  return element("section", { className: `head ${direction}` }, element("h3", {}, title), element("pre", {}, code));
}

function startLine(line) {
  return element("strong", {}, line);
}

function headerLine(line) {
  const colon = line.indexOf(":");
  const name = line.slice(0, colon);
  const own = OWN_HEADERS.test(name) ? "own" : "";
  return element(
    "span",
    { className: `header ${own}` },
    element("span", { className: "key" }, `${name}:`),
    element("span", { className: "value" }, line.slice(colon + 1)),
  );
}

function headerValue(text, name) {
  const line = text.split("\r\n").find((each) => each.toLowerCase().startsWith(`${name.toLowerCase()}:`));
  return line?.slice(name.length + 1).trim();
}

/** Repeats the browser's check. A page that is neither local nor https has no crypto.subtle. */
async function explainAccept(place, key, accept) {
  if (!key || !accept || !globalThis.crypto.subtle) return;
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(key + GUID));
  const expected = btoa(String.fromCharCode(...new Uint8Array(digest)));
  const right = expected === accept;
  place.classList.add(right ? "right" : "wrong");
  place.append(
    element("b", {}, right ? "✓ " : "✗ "),
    `Accept ${right ? "is" : "is not"} base64(SHA-1(Key + "${GUID.slice(0, 8)}…")), as section 4.2.2 demands.`,
  );
}
