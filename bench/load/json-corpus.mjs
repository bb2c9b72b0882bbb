/** A generator of pseudo-random numbers (xorshift32) with a fixed seed, so that all peers get the same messages. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const UNITS = ["celsius", "hectopascal", "percent"];
const SENTENCE = "Readings are taken once a minute and sent as they come. ";

function reading(next, id) {
  const value = next(1e6) / 1e4 + next(1e6) / 1e10;
  return { id, name: `sensor-${next(500)}`, value, unit: UNITS[next(UNITS.length)], valid: next(20) > 0 };
}

/** One JSON text of exactly `size` bytes: readings of sensors, and a note that fills up the rest. */
function message(size, next) {
  const readings = [];
  let id = next(1e5);
  const written = (note) => JSON.stringify({ readings, note });
  while (written("").length <= size) readings.push(reading(next, id++));
  readings.pop();
  const room = size - written("").length;
  return written(SENTENCE.repeat(Math.ceil(room / SENTENCE.length)).slice(0, room));
}

/** `count` different messages of `size` bytes each, at least 128. */
export function jsonMessages(size, count) {
  const next = numbers(2_463_534_242);
  return Array.from({ length: count }, () => Buffer.from(message(size, next)));
}
