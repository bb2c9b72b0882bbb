// The load of an echo: frames that were built before, replies that are counted frame by frame. In a process of its
// own, which costs less than any server.
import { openClient } from "./client-socket.mjs";
import { deflateInTurn, FrameCounter, Inflation, maskedFrame } from "./frames.mjs";
import { jsonMessages } from "./json-corpus.mjs";

const TEXT = 0x1;
const RSV1 = 0x40;
/** Different messages that a connection sends in turn: their sum is longer than the window of DEFLATE. */
const MESSAGES_FOR = { 128: 512, 1024: 128, 16384: 16 };

const { port, connections, inFlight, size, compress, warmUp, seconds } = JSON.parse(process.argv[2]);

/** Frames that follow each other in one Buffer, so that any run of them is a slice. */
class FrameRing {
  #bytes;
  #starts = [0];
  #count;

  constructor(frames, longestRun) {
    this.#count = frames.length;
    const repeated = [...frames, ...Array.from({ length: longestRun }, (_, index) => frames[index % frames.length])];
    this.#bytes = Buffer.concat(repeated);
    for (const frame of repeated) this.#starts.push(this.#starts.at(-1) + frame.length);
  }

  get count() {
    return this.#count;
  }

  slice(from, count) {
    return this.#bytes.subarray(this.#starts[from], this.#starts[from + count]);
  }
}

let replies = 0;

/** Keeps `inFlight` messages under way on one connection. */
function keepEchoing(socket, ring) {
  let next = 0;
  let arrived = 0;
  const send = (count) => {
    socket.write(ring.slice(next, count));
    next = (next + count) % ring.count;
  };
  const counter = new FrameCounter(() => arrived++);
  socket.on("data", (chunk) => {
    arrived = 0;
    counter.push(chunk);
    if (arrived === 0) return;
    replies += arrived;
    send(arrived);
  });
  socket.on("close", () => {
    throw new Error("the server closed a connection");
  });
  socket.resume();
  send(inFlight);
}

/** Sends each message once, and holds the replies against them. @returns the mean payload of a reply in bytes */
async function checkReplies(socket, frames, messages, takeover) {
  const inflation = new Inflation(takeover);
  let index = 0;
  let bytes = 0;
  let pending = Buffer.alloc(0);
  socket.resume();
  socket.write(frames[0]);
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    pending = Buffer.concat([pending, chunk]);
    const bits = pending.length < 2 ? 0 : pending[1];
    const headerLength = bits < 126 ? 2 : 4;
    if (pending.length < headerLength) continue;
    const length = bits < 126 ? bits : pending.readUInt16BE(2);
    if (pending.length < headerLength + length) continue;
    const payload = pending.subarray(headerLength, headerLength + length);
    const isCompressed = (pending[0] & RSV1) !== 0;
    const reply = isCompressed ? inflation.inflate(payload) : payload;
    if (!reply.equals(messages[index])) throw new Error(`reply ${index} is not what was sent`);
    bytes += length;
    pending = pending.subarray(headerLength + length);
    index++;
    if (index === frames.length) break;
    socket.write(frames[index]);
  }
  socket.pause();
  return bytes / frames.length;
}

async function main() {
  const messages = jsonMessages(size, MESSAGES_FOR[size] ?? 64);
  const sockets = [];
  let terms = "";
  for (let index = 0; index < connections; index++) {
    const { socket, extensions } = await openClient(port, compress ? "permessage-deflate" : "");
    sockets.push(socket);
    terms = extensions;
  }
  const payloads = compress ? deflateInTurn(messages, !terms.includes("client_no_context_takeover")) : messages;
  const frames = payloads.map((payload) => maskedFrame(TEXT, payload, compress));
  const takeover = !terms.includes("server_no_context_takeover");
  const replyBytes = await checkReplies(sockets[0], frames, messages, takeover);
  const ring = new FrameRing(frames, inFlight);
  for (const socket of sockets) keepEchoing(socket, ring);
  await new Promise((resolve) => setTimeout(resolve, warmUp * 1000));

  process.send({ type: "warm" });
  process.once("message", () => {
    const from = replies;
    const start = process.hrtime.bigint();
    setTimeout(() => {
      const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
      process.send({ type: "done", messages: replies - from, elapsed, replyBytes, terms });
    }, seconds * 1000);
  });
}

await main();
