import { FrameLog } from "./frame-log.mjs";

const END_OF_HEAD = "\r\n\r\n";
const LONGEST_HEAD = 16 * 1024;

/**
 * One open page. The session reports the frames of its echo connection over its wire connection, as JSON records:
 *
 *   { kind: "handshake", request, response }       both heads as text
 *   { kind: "frame", direction, at, ...frame }     see frame-log.mjs; the server receives frames of direction "in"
 *   { kind: "server", at, event, detail }          an event of the server's application
 *   { kind: "dropped", count }                     records that were dropped because the page was too slow
 */
export class Session {
  #wire;
  #echo;
  #startedAt = performance.now();
  #pingedAt;
  #congested = false;
  #dropped = 0;

  constructor(wire) {
    this.#wire = wire;
    wire.on("message", (text) => this.#onCommand(text));
    wire.on("drain", () => this.#resume());
  }

  /** The observer for a WireTap on the connection that `request` opens. */
  observe(request) {
    this.#startedAt = performance.now();
    const inbound = new FrameLog((frame) => this.#reportFrame("in", frame));
    const outbound = new FrameLog((frame) => this.#reportFrame("out", frame));
    let head = "";
    let upgraded = false;

    return {
      inbound: (bytes) => inbound.push(bytes),
      outbound: (bytes) => {
        if (upgraded) return outbound.push(bytes);
        // The response's head comes first on the wire. The body of a refusal is ignored.
        if (head.length > LONGEST_HEAD) return;
        head += bytes.toString("latin1");
        const end = head.indexOf(END_OF_HEAD);
        if (end === -1) return;
        const response = head.slice(0, end);
        const firstFrames = Buffer.from(head.slice(end + END_OF_HEAD.length), "latin1");
        upgraded = response.startsWith("HTTP/1.1 101 ");
        this.#report({ kind: "handshake", request: requestHead(request), response });
        if (upgraded) outbound.push(firstFrames);
      },
    };
  }

  /** Reports the events of this connection in the server's application. */
  follow(echo) {
    this.#echo = echo;
    this.saw("open", echo.protocol ? `subprotocol ${echo.protocol}` : "no subprotocol");
    echo.on("message", (data) =>
      this.saw(
        "message",
        typeof data === "string"
          ? `text, ${count(Buffer.byteLength(data), "byte")}: ${shorten(data)}`
          : `binary, ${count(data.length, "byte")}`,
      ),
    );
    echo.on("ping", (payload) => this.saw("ping", count(payload.length, "byte")));
    echo.on("pong", (payload) => this.#sawPong(payload));
    echo.on("error", (error) => this.saw("error", error.message));
    echo.on("close", (code, reason) => this.saw("close", `${code} ${reason}`.trimEnd()));
  }

  saw(event, detail, more = {}) {
    this.#report({ kind: "server", at: this.#clock(), event, detail, ...more });
  }

  ping(payload = "are you there?") {
    this.#echo?.ping(payload);
    this.#pingedAt = performance.now();
  }

  #sawPong(payload) {
    const took = this.#pingedAt === undefined ? undefined : performance.now() - this.#pingedAt;
    this.#pingedAt = undefined;
    const time = took === undefined ? "" : `, ${took.toFixed(2)} ms after the ping`;
    this.saw("pong", count(payload.length, "byte") + time, { roundTrip: took });
  }

  /** A page cannot send a ping, so it asks the server for one. */
  #onCommand(text) {
    if (text === JSON.stringify({ command: "ping" })) this.ping();
  }

  #reportFrame(direction, frame) {
    this.#report({ kind: "frame", direction, at: this.#clock(), ...frame });
  }

  /** Sends a record. If the page reads too slowly, records are dropped and counted, so that no memory is used for them. */
  #report(record) {
    if (this.#congested) this.#dropped++;
    else this.#congested = this.#wire.send(JSON.stringify(record)) === false;
  }

  #resume() {
    this.#congested = false;
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.#report({ kind: "dropped", count: dropped });
  }

  #clock() {
    return performance.now() - this.#startedAt;
  }
}

/** The request's head, rebuilt from its lines: the HTTP parser does not keep its bytes. */
function requestHead({ method, url, httpVersion, rawHeaders }) {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let i = 0; i < rawHeaders.length; i += 2) lines.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
  return lines.join("\r\n");
}

const count = (n, noun) => `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
const shorten = (text) => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
