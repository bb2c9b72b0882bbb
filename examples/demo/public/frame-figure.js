// The header of one frame, drawn like the figure of RFC 6455, section 5.2, with the bits of this frame.

import { bytes, element, spacedHex } from "./dom.js";

const WIDTH = 32;

export function drawFrame(frame) {
  const header = octets(frame.rawHeader);
  const bits = header.flatMap((byte) => Array.from(byte.toString(2).padStart(8, "0")));
  const grid = element("div", { className: "bits" });

  grid.append(...ruler());
  let column = 0;
  let position = 0;
  for (const field of fieldsOf(frame)) {
    // A field that exceeds its line continues in the next one.
    for (let left = field.size, first = true; left > 0; first = false) {
      const size = Math.min(left, WIDTH - column);
      grid.append(cell(field, bits.slice(position, position + size), column, position, first, size));
      position += size;
      column = (column + size) % WIDTH;
      left -= size;
    }
  }
  if (frame.length > 0) grid.append(...payloadCells(frame, column, header.length * 8));
  return element("figure", {}, grid, caption(frame, header), unmasking(frame));
}

/** The fields of this header in their order, each with its width in bits and its value. */
function fieldsOf(frame) {
  const shortLength = Number.parseInt(frame.rawHeader.slice(2, 4), 16) & 0x7f;
  const fields = [
    { name: "FIN", size: 1, kind: "flag" },
    { name: "RSV1", size: 1, kind: "flag" },
    { name: "RSV2", size: 1, kind: "flag" },
    { name: "RSV3", size: 1, kind: "flag" },
    { name: "opcode", size: 4, kind: "opcode", value: frame.opcodeName },
    { name: "MASK", size: 1, kind: "mask" },
    { name: "length", size: 7, kind: "length", value: String(shortLength) },
  ];
  if (shortLength >= 126) {
    const size = shortLength === 127 ? 64 : 16;
    fields.push({ name: "extended length", size, kind: "length", value: frame.length.toLocaleString("en") });
  }
  if (frame.masked) fields.push({ name: "masking key", size: 32, kind: "mask", value: spacedHex(frame.maskKey) });
  return fields;
}

function cell({ name, kind, value }, bits, column, position, first, size) {
  const values = bits.map((bit) => element("i", { className: bit === "1" ? "set" : "" }, bit));
  const text = size === 1 ? name : [first ? name : `${name}, continued`, first ? value : undefined].filter(Boolean);
  const label = size === 1 ? [text] : text.map((part, i) => element(i === 0 ? "span" : "b", {}, part));
  const node = element(
    "div",
    { className: `cell ${kind}${size === 1 ? " single" : ""}` },
    element("span", { className: "values" }, ...values),
    element("span", { className: "name" }, ...label),
  );
  return place(node, column, size, Math.floor(position / WIDTH));
}

function payloadCells(frame, column, position) {
  const name = `payload data, ${bytes(frame.length)}${frame.masked ? ", masked" : ""}`;
  const line = Math.floor(position / WIDTH);
  const make = (text) => element("div", { className: "cell data" }, element("span", { className: "name" }, text));
  if (column === 0) return [place(make(name), 0, WIDTH, line)];
  return [place(make(name), column, WIDTH - column, line)];
}

function place(node, column, size, line) {
  node.style.gridColumn = `${column + 1} / span ${size}`;
  node.style.gridRow = String(line + 2);
  return node;
}

/** The numbers of the bits, at the top as in the RFC. */
function ruler() {
  return Array.from({ length: WIDTH }, (_, i) => {
    const node = element("span", { className: "ruler", "aria-hidden": "true" }, String(i % 10));
    if (i % 8 === 0) node.classList.add("octet");
    node.style.gridColumn = String(i + 1);
    return node;
  });
}

function caption(frame, header) {
  const overhead = element("span", {}, `${bytes(header.length)} of header: `);
  return element("figcaption", {}, overhead, element("code", {}, spacedHex(frame.rawHeader)));
}

/** The first bytes of the payload, one row below the other: the bytes on the wire, the key, and the XOR of the two. */
function unmasking({ rawPayload, masked, maskKey, opcode, length }) {
  const wire = octets(rawPayload);
  if (wire.length === 0) return "";
  const key = masked ? octets(maskKey) : [];
  const plain = wire.map((byte, i) => byte ^ (key[i & 3] ?? 0));
  const lines = masked
    ? [
        ["on the wire", wire.map(hex), "raw"],
        ["key", wire.map((_, i) => hex(key[i & 3])), "key"],
        ["XOR", plain.map(hex), "plain"],
      ]
    : [["on the wire", wire.map(hex), "plain"]];
  if (opcode !== 2) lines.push(["ASCII", plain.map(printable), "ascii"]);
  const rows = lines.map(([name, cells, className]) =>
    element(
      "tr",
      { className },
      element("th", { scope: "row" }, name),
      ...cells.map((text) => element("td", {}, text)),
      element("td", { className: "more" }, length > wire.length ? "…" : ""),
    ),
  );
  return element("table", { className: "octets" }, element("tbody", {}, ...rows));
}

const octets = (digits) => (digits.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16));
const hex = (byte) => byte.toString(16).padStart(2, "0");
const printable = (byte) => (byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : byte === 0x20 ? "␣" : "·");
