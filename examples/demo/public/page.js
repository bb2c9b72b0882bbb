import { byId, clock, element, visible } from "./dom.js";
import { drawFrame } from "./frame-figure.js";
import { showHandshake } from "./handshake-view.js";
import { WireTable } from "./wire-table.js";

const MOST_LOG_LINES = 500;
const GREETING = "Hello, wire!";

const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
const address = (path) => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}?id=${id}`;

const table = new WireTable(showFrame);
/** The WebSocket that is shown. */
let echo;
/** The WebSocket that reports the frames of `echo`. */
let wire;

// ---- the two connections ----

/** The wire is opened first, so that it reports the handshake of the echo as well. */
function connect() {
  if (wire?.readyState === WebSocket.OPEN) return openEcho();
  if (wire?.readyState === WebSocket.CONNECTING) return;
  setState("connecting");
  wire = new WebSocket(address("/wire"));
  wire.addEventListener("message", ({ data }) => take(JSON.parse(data)));
  wire.addEventListener("open", openEcho);
  wire.addEventListener("close", () => {
    if (echo?.readyState !== WebSocket.OPEN) setState("closed");
    table.addMark("The demo's server has stopped: start it again, then reconnect", "end");
  });
}

function openEcho() {
  setState("connecting");
  byId("url").textContent = address("/echo").replace(/\?.*/, "");
  byId("closed-with").textContent = "–";
  byId("round-trip").textContent = "–";
  echo = new WebSocket(address("/echo"));
  echo.binaryType = "arraybuffer";
  echo.addEventListener("open", () => {
    setState("open");
    byId("protocol").textContent = echo.protocol || "none";
    echo.send(GREETING);
  });
  echo.addEventListener("close", ({ code, reason, wasClean }) => {
    setState("closed");
    byId("closed-with").textContent = `${code} ${reason} (${wasClean ? "clean" : "not clean"})`.replace("  ", " ");
  });
}

function setState(state) {
  const pill = byId("state");
  pill.textContent = state;
  pill.dataset.state = state;
  const open = state === "open";
  for (const button of ["send-text", "send-binary", "ping", "close"]) byId(button).disabled = !open;
  byId("reconnect").disabled = state !== "closed";
}

// ---- the records of the wire ----

function take(record) {
  switch (record.kind) {
    case "handshake":
      table.addMark(`Handshake: ${record.response.split("\r\n", 1)[0]}`, "begin");
      return showHandshake(record);
    case "frame":
      return table.addFrame(record);
    case "server":
      return logServer(record);
    case "dropped":
      return table.addMark(`${record.count} records were dropped: the page was too slow`, "end");
  }
}

function logServer({ at, event, detail, roundTrip }) {
  const log = byId("server-log");
  log.append(
    element(
      "li",
      { className: event },
      element("span", { className: "time" }, clock(at)),
      element("b", {}, event),
      element("span", { className: "detail" }, visible(detail)),
    ),
  );
  if (log.children.length > MOST_LOG_LINES) log.firstElementChild.remove();
  byId("panel-server").scrollTop = byId("panel-server").scrollHeight;
  byId("server-quiet").hidden = true;
  if (roundTrip !== undefined) byId("round-trip").textContent = `${roundTrip.toFixed(2)} ms`;
  if (event === "close") table.addMark(`Connection closed: ${detail}`, "end");
}

function showFrame(frame) {
  byId("figure-note").textContent = frame
    ? `${frame.opcodeName}, ${frame.direction === "in" ? "client to server" : "server to client"}`
    : "";
  byId("figure").replaceChildren(
    frame ? drawFrame(frame) : element("p", { className: "empty" }, "Choose a frame above to see its bits."),
  );
}

// ---- the forms ----

function onSubmit(form, action) {
  byId(form).addEventListener("submit", (event) => {
    event.preventDefault();
    if (echo?.readyState === WebSocket.OPEN) action();
  });
}

onSubmit("text-form", () => {
  echo.send(byId("text").value);
  byId("text").value = "";
});

onSubmit("binary-form", () => {
  const digits = byId("binary").value.replace(/0x|[\s,:]/gi, "");
  const right = /^([0-9a-f]{2})*$/i.test(digits);
  byId("binary-problem").textContent = right ? "" : "Two hexadecimal digits per byte, such as: ca fe ba be";
  if (!right) return byId("binary").focus();
  echo.send(Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
});

onSubmit("close-form", () => {
  const problem = byId("close-problem");
  problem.textContent = "";
  try {
    echo.close(Number(byId("code").value || 1000), byId("reason").value);
    setState("closing");
  } catch (error) {
    problem.textContent =
      error.name === "SyntaxError" ? "A reason has at most 123 bytes" : "A page may close with 1000, or 3000 to 4999";
  }
});

byId("random").addEventListener("click", () => {
  const random = crypto.getRandomValues(new Uint8Array(32));
  byId("binary").value = Array.from(random, (n) => n.toString(16).padStart(2, "0")).join(" ");
  byId("binary").focus();
});

byId("ping").addEventListener("click", () => wire.send(JSON.stringify({ command: "ping" })));
byId("reconnect").addEventListener("click", connect);

for (const chip of document.querySelectorAll("[data-command]")) {
  chip.addEventListener("click", () => {
    byId("text").value = chip.dataset.command;
    byId("text").focus();
  });
}

// ---- the tabs ----

const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const each of tabs) {
    const chosen = each === tab;
    each.setAttribute("aria-selected", String(chosen));
    each.tabIndex = chosen ? 0 : -1;
    byId(each.getAttribute("aria-controls")).hidden = !chosen;
  }
  byId("panel-server").scrollTop = byId("panel-server").scrollHeight;
}

for (const [i, tab] of tabs.entries()) {
  tab.addEventListener("click", () => choose(tab));
  tab.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
    const next = tabs[(i + (event.key === "ArrowRight" ? 1 : tabs.length - 1)) % tabs.length];
    choose(next);
    next.focus();
  });
}

connect();
