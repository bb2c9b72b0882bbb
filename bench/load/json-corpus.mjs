/** A generator of the same numbers each time (xorshift32), so that all peers get the same messages. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const SYMBOLS = ["ACME", "GLOBEX", "INITECH", "UMBRELLA", "HOOLI", "STARK", "WAYNE", "CYBERDYNE"];
const SENTENCE = "Prices are delayed by fifteen minutes and given as they were at the end of the last auction. ";

function trade(next) {
  return {
    id: next(0xffff_ffff).toString(16).padStart(8, "0"),
    symbol: SYMBOLS[next(SYMBOLS.length)],
    price: (9000 + next(2000)) / 100,
    quantity: 10 * next(100),
    side: next(2) === 0 ? "buy" : "sell",
    time: 1_760_000_000_000 + next(1e7),
  };
}

/** One JSON text of exactly `size` bytes: trades as a market feed sends them, and a note that fills the rest. */
function message(size, next) {
  const trades = [];
  const written = (note) => JSON.stringify({ trades, note });
  while (written("").length <= size) trades.push(trade(next));
  trades.pop();
  const room = size - written("").length;
  return written(SENTENCE.repeat(Math.ceil(room / SENTENCE.length)).slice(0, room));
}

/** `count` different messages of `size` bytes each, at least 128. */
export function jsonMessages(size, count) {
  const next = numbers(2_463_534_242);
  return Array.from({ length: count }, () => Buffer.from(message(size, next)));
}
