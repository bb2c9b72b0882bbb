import { byId, bytes, clock, element, spacedHex, visible } from "./dom.js";

const MOST_ROWS = 500;
const WAYS = { in: "client to server", out: "server to client" };

/** The timeline: a row for each frame, and a line across the table for other events. */
export class WireTable {
  #body = byId("frames");
  #scroll = byId("wire-scroll");
  #frames = new WeakMap();
  #count = 0;
  #onSelect;

  /** @param onSelect called with the frame whose row is selected, or undefined */
  constructor(onSelect) {
    this.#onSelect = onSelect;
    this.#body.addEventListener("click", (event) => this.#select(event.target.closest("tr.frame")));
    this.#body.addEventListener("keydown", (event) => this.#key(event));
    byId("clear").addEventListener("click", () => this.clear());
  }

  addFrame(frame) {
    const row = element("tr", { className: `frame ${frame.direction}`, tabindex: "0", "aria-selected": "false" });
    row.dataset.opcode = frame.opcodeName;
    row.append(
      element("td", { className: "time" }, clock(frame.at)),
      element("td", { className: "way" }, arrow(frame.direction)),
      element("td", {}, element("span", { className: `badge ${frame.opcodeName}` }, frame.opcodeName)),
      element("td", {}, flags(frame)),
      element("td", { className: "mask" }, ...mask(frame)),
      element("td", { className: "number" }, frame.length.toLocaleString("en")),
      element("td", { className: `payload ${frame.payload.form}` }, ...payload(frame)),
    );
    this.#frames.set(row, frame);
    this.#append(row);
    this.#count++;
    byId("frame-count").textContent = `${this.#count} ${this.#count === 1 ? "frame" : "frames"}`;
    byId("latest").textContent = `${frame.opcodeName} frame, ${WAYS[frame.direction]}, ${bytes(frame.length)}`;
  }

  /** A line across the table: the handshake, the end, dropped records. */
  addMark(text, kind) {
    const cell = element("td", { colspan: "7" }, element("span", {}, text));
    this.#append(element("tr", { className: `mark ${kind}` }, cell));
  }

  clear() {
    this.#body.replaceChildren();
    this.#count = 0;
    byId("frame-count").textContent = "no frames yet";
    byId("no-frames").hidden = false;
    this.#onSelect(undefined);
  }

  #append(row) {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    const following = scrollHeight - scrollTop - clientHeight < 40;
    this.#body.append(row);
    if (this.#body.rows.length > MOST_ROWS) this.#body.deleteRow(0);
    byId("no-frames").hidden = true;
    if (following) this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  #select(row) {
    if (!row) return;
    this.#body.querySelector("[aria-selected=true]")?.setAttribute("aria-selected", "false");
    row.setAttribute("aria-selected", "true");
    this.#onSelect(this.#frames.get(row));
  }

  #key(event) {
    const row = event.target.closest("tr.frame");
    if (event.key === "Enter" || event.key === " ") {
      this.#select(row);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      let next = row;
      do next = event.key === "ArrowDown" ? next.nextElementSibling : next.previousElementSibling;
      while (next && !this.#frames.has(next));
      next?.focus();
      this.#select(next);
    } else {
      return;
    }
    event.preventDefault();
  }
}

function arrow(direction) {
  const ends = direction === "in" ? ["client", "→", "server"] : ["server", "→", "client"];
  return element("span", { className: "ends" }, ends[0], element("b", {}, ends[1]), ends[2]);
}

/** FIN, RSV1, RSV2, RSV3 as four boxes, filled if the bit is 1. */
function flags({ fin, rsv }) {
  const bits = [fin, rsv & 4, rsv & 2, rsv & 1].map(Boolean);
  const names = ["FIN", "RSV1", "RSV2", "RSV3"];
  const title = names.map((name, i) => `${name} ${bits[i] ? 1 : 0}`).join(", ");
  const boxes = bits.map((bit) => element("i", { className: bit ? "set" : "" }, bit ? "1" : "0"));
  return element("span", { className: "flags", role: "img", "aria-label": title, title }, ...boxes);
}

function mask({ masked, maskKey }) {
  return masked
    ? [element("code", { title: "The masking key" }, spacedHex(maskKey))]
    : [element("span", { className: "none" }, "no")];
}

function payload({ payload: { form, text, truncated }, length }) {
  if (length === 0) return [element("span", { className: "none" }, "empty")];
  const shown = form === "hex" ? spacedHex(text) : visible(text);
  return [shown, ...(truncated ? [element("span", { className: "none" }, " …")] : [])];
}
