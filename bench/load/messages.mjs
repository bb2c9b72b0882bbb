import { jsonMessages } from "./json-corpus.mjs";

/** The number of different messages by their length: together they are longer than the window of DEFLATE. */
const COMPRESSED = { 128: 512, 1024: 128, 16384: 16 };
const SHORTEST_JSON = 128;

/** The messages that a connection sends in turn. Their bytes are valid as text, too. */
export function messagesOf(size, compress) {
  if (size < SHORTEST_JSON) return [Buffer.from("a short message, such as they are".repeat(4).slice(0, size))];
  if (compress) return jsonMessages(size, COMPRESSED[size] ?? 64);
  return size > 65_536 ? [Buffer.alloc(size, "0123456789abcdef")] : jsonMessages(size, 4);
}
