/** The parts of Tautline and of `ws` that do the same work. They come from internal files: neither package exports them all. */
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { ReaderPool } from "../../dist/endpoint/message-reader.js";
import { permessageDeflate } from "../../dist/extensions/permessage-deflate/index.js";
import { decodeUtf8, maskInPlace, writeFrame, writeTextFrame } from "../../dist/framing/index.js";
import { READ_BUFFER } from "../../dist/framing/masking-memory.js";
import { judgeRequest, RequestReader } from "../../dist/handshake/public.js";

process.env.WS_NO_BUFFER_UTIL = "1";
const require = createRequire(import.meta.url);
const wsPart = (name) => require(`${dirname(require.resolve("ws"))}/lib/${name}.js`);

const MAX_PAYLOAD = 16 << 20;
const TEXT = 0x1;

/** Copies chunks one after the other into the buffer of sockets, as if they had just been read. */
function layOut(chunks) {
  let end = 0;
  return chunks.map((chunk) => {
    const start = end;
    end += chunk.copy(READ_BUFFER, start);
    return READ_BUFFER.subarray(start, end);
  });
}

function* oneByOne(chunks) {
  for (const chunk of chunks) yield* layOut([chunk]);
}

export const ours = {
  /** The chunks in the memory that sockets read into. If they do not all fit, each is copied there in its turn. */
  arrival(chunks) {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    if (length > READ_BUFFER.length) return () => oneByOne(chunks);
    const all = layOut(chunks);
    return () => all;
  },
  maskInPlace,
  decodeUtf8,
  writeFrame,
  writeTextFrame,
  reader() {
    const listener = { onMessage() {}, onControlFrame: () => null, onEncodedMessage: () => null };
    const { parser } = new ReaderPool("server", MAX_PAYLOAD).take(listener, null);
    return (chunk) => parser.push(chunk);
  },
  compressor() {
    const codec = permessageDeflate({ threshold: 0 }).answer([]).open(MAX_PAYLOAD);
    return (message) => codec.encode(message, TEXT, {});
  },
  judgeHead(head) {
    const request = new RequestReader().push(Buffer.from(head));
    return judgeRequest(request.head, {});
  },
};

export const theirs = {
  mask: wsPart("buffer-util").mask,
  isValidUTF8: wsPart("validation").isValidUTF8,
  frame: wsPart("sender").frame,
  receiver() {
    const Receiver = wsPart("receiver");
    const receiver = new Receiver({ isServer: true, maxPayload: MAX_PAYLOAD, extensions: {} });
    receiver.on("message", () => {});
    return (chunk) => receiver.write(chunk);
  },
  compressor() {
    const PerMessageDeflate = wsPart("permessage-deflate");
    const deflate = new PerMessageDeflate({ threshold: 0, isServer: true, maxPayload: MAX_PAYLOAD });
    deflate.accept([{}]);
    return (message) =>
      new Promise((resolve, reject) => {
        deflate.compress(message, true, (error, result) => (error ? reject(error) : resolve(result)));
      });
  },
};
