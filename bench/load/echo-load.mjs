// The load of an echo: it sends frames that were built in advance, and counts the frames of the replies.
import { BenchClient } from "./bench-client.mjs";
import { FrameRing } from "./frame-ring.mjs";
import { deflateInTurn, FrameCounter, FrameReader, Inflation, maskedFrame } from "./frames.mjs";
import { measure, options } from "./measuring.mjs";
import { messagesOf } from "./messages.mjs";

const TEXT = 0x1;
const BINARY = 0x2;

const { port, connections, inFlight, size, binary, compress, tls, bytesOnly } = options;

let replies = 0;

/** Keeps `inFlight` messages in flight on one connection. */
function keepEchoing(client, ring) {
  let next = 0;
  let arrived = 0;
  const send = (count) => {
    client.write(ring.slice(next, count));
    next = ring.after(next, count);
  };
  const counter = new FrameCounter(() => arrived++);
  client.read((chunk) => {
    arrived = 0;
    counter.push(chunk);
    if (arrived === 0) return;
    replies += arrived;
    send(arrived);
  });
  send(inFlight);
}

/** Sends each message once, and compares the replies with them. @returns the mean payload of a reply in bytes */
async function checkReplies(client, frames, messages, takeover) {
  const inflation = new Inflation(takeover);
  const reader = new FrameReader();
  let bytes = 0;
  for (const [index, frame] of frames.entries()) {
    const arrived = new Promise((resolve) => {
      client.read((chunk) => {
        const reply = reader.push(chunk);
        if (reply !== null) resolve(reply);
      });
    });
    client.write(frame);
    const { isCompressed, payload } = await arrived;
    const reply = isCompressed ? inflation.inflate(payload) : payload;
    if (!reply.equals(messages[index])) throw new Error(`reply ${index} differs from the message that was sent`);
    bytes += payload.length;
  }
  return bytes / frames.length;
}

const messages = messagesOf(size, compress);
const clients = await BenchClient.openAll(connections, { port, tls, extensions: compress ? "permessage-deflate" : "" });
const terms = clients[0].extensions;
const payloads = compress ? deflateInTurn(messages, !terms.includes("client_no_context_takeover")) : messages;
const frames = payloads.map((payload) => maskedFrame(binary ? BINARY : TEXT, payload, compress));
const takeover = !terms.includes("server_no_context_takeover");
const replyBytes = bytesOnly ? size : await checkReplies(clients[0], frames, messages, takeover);
const ring = new FrameRing(frames, inFlight);
for (const client of clients) keepEchoing(client, ring);
await measure(() => replies, { replyBytes, terms });
