import { maskedFrame } from "../load/frames.mjs";
import { jsonMessages } from "../load/json-corpus.mjs";
import { ours, theirs } from "./parts.mjs";

const BINARY = 0x2;
const TEXT = 0x1;
const FIN = 0x80;
const KEY = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const KEY_WORD = KEY.readUInt32LE();
const KIB = 1024;

/** Frames cut into chunks. Each chunk can be read again and again: unmasking is undone by the next unmasking. */
function chunks(frame, count, cut) {
  const bytes = Buffer.concat(Array.from({ length: count }, () => frame));
  const pieces = [];
  for (let at = 0; at < bytes.length; at += cut) pieces.push(Buffer.from(bytes.subarray(at, at + cut)));
  return pieces;
}

function parsing(frame, count, cut) {
  const pieces = chunks(frame, count, cut);
  const run = (push, arrive) => () => {
    for (const piece of arrive()) push(piece);
  };
  return {
    operations: count,
    tautline: () => run(ours.reader(), ours.arrival(pieces)),
    ws: () => run(theirs.receiver(), () => pieces),
  };
}

function masking(length) {
  const bytes = Buffer.alloc(length, "x");
  const [chunk] = ours.arrival([bytes])();
  return {
    tautline: () => () => ours.maskInPlace(chunk, 0, length, KEY_WORD),
    ws: () => () => theirs.mask(bytes, KEY, bytes, 0, length),
  };
}

function decodingText(text) {
  const bytes = Buffer.from(text);
  return {
    tautline: () => () => ours.decodeUtf8(bytes, 0, bytes.length),
    ws: () => () => (theirs.isValidUTF8(bytes) ? bytes.toString() : null),
  };
}

function writing(payload, opcode) {
  const target = Buffer.alloc(payload.length * 3 + 14);
  const options = { opcode, fin: true, rsv1: false, mask: false, readOnly: true };
  const isText = typeof payload === "string";
  return {
    tautline: () =>
      isText
        ? () => ours.writeTextFrame(target, 0, FIN | opcode, payload, null)
        : () => ours.writeFrame(target, 0, FIN | opcode, payload, null),
    ws: () => () => theirs.frame(payload, { ...options }),
  };
}

function compressing(size) {
  const messages = jsonMessages(size, 64);
  const inTurn = (compress) => {
    let next = 0;
    return () => compress(messages[next++ % messages.length]);
  };
  return { tautline: () => inTurn(ours.compressor()), ws: () => inTurn(theirs.compressor()) };
}

const HEAD = Buffer.from(
  "GET /chat HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: http://example.com\r\n" +
    "Sec-WebSocket-Protocol: chat, superchat\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nUser-Agent: Mozilla/5.0\r\n\r\n",
);

/** The code that is measured, by case and peer. One run does `operations` operations, one by default. */
export const CASES = {
  "mask 20 B": masking(20),
  "mask 1 KiB": masking(KIB),
  "mask 64 KiB": masking(64 * KIB),
  "read 20 B binary, 100 in a chunk": parsing(maskedFrame(BINARY, Buffer.alloc(20, "x")), 100, 65_536),
  "read 20 B binary, 100 in chunks of 7 B": parsing(maskedFrame(BINARY, Buffer.alloc(20, "x")), 100, 7),
  "read empty binary, 100 in a chunk": parsing(maskedFrame(BINARY, Buffer.alloc(0)), 100, 65_536),
  "read 16 KiB binary, whole": parsing(maskedFrame(BINARY, Buffer.alloc(16 * KIB, "x")), 1, 65_536),
  "read 1 MiB binary in chunks of 64 KiB": parsing(maskedFrame(BINARY, Buffer.alloc(KIB * KIB, "x")), 1, 65_536),
  "decode 20 B ASCII": decodingText("a short text, ASCII."),
  "decode 20 B not ASCII": decodingText("ein kürzerer Text äö"),
  "decode 16 KiB JSON": decodingText(jsonMessages(16 * KIB, 1)[0].toString()),
  "write 20 B binary": writing(Buffer.alloc(20, "x"), BINARY),
  "write 20 B text": writing("a short text, ASCII.", TEXT),
  "write 1 KiB text": writing("x".repeat(KIB), TEXT),
  "deflate 128 B JSON": compressing(128),
  "deflate 1 KiB JSON": compressing(KIB),
  "read and judge a request head": { tautline: () => () => ours.judgeHead(HEAD) },
};
