import fc from "fast-check";
import { BINARY, CLOSE, CONTINUATION, type FrameSpec, PING, PONG, TEXT } from "../support/frames.ts";

/** Lengths, many of them around those at which the form of the header changes. */
export const lengths = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 20 }) },
  { weight: 4, arbitrary: fc.integer({ min: 120, max: 132 }) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 3000 }) },
);

export const longLengths = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 65_530, max: 65_540 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4000, max: 100_000 }) },
);

export const maskKeys = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });

/** Pseudo-random bytes, which are cheap to make and to shrink. */
export function pattern(length: number, seed: number): Buffer {
  let state = (seed | 1) >>> 0;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    }),
  );
}

/** A text of at least `length` bytes of UTF-8, with characters of one to four bytes. */
export function textPattern(length: number, seed: number): string {
  const characters = ["a", "é", "€", "😀", "z", "\u{10ffff}", "\ufeff", "\0"];
  let text = "";
  let bytes = 0;
  for (const byte of pattern(length, seed)) {
    if (bytes >= length) break;
    const character = characters[byte % characters.length] as string;
    text += character;
    bytes += Buffer.byteLength(character);
  }
  return text;
}

const controlFrames: fc.Arbitrary<FrameSpec> = fc
  .tuple(fc.constantFrom(CLOSE, PING, PONG), fc.integer({ min: 0, max: 125 }), fc.nat())
  .map(([opcode, length, seed]) => ({ opcode, payload: pattern(length, seed) }));

/** The frames of one message, split anywhere, even inside a character or into empty fragments, with control frames. */
function messageFrames(sizes: fc.Arbitrary<number>): fc.Arbitrary<FrameSpec[]> {
  return fc
    .record({
      opcode: fc.constantFrom(TEXT, BINARY),
      size: sizes,
      seed: fc.nat(),
      cuts: fc.array(fc.nat({ max: 200_000 }), { maxLength: 5 }),
      controls: fc.array(fc.option(controlFrames, { nil: null }), { maxLength: 5 }),
    })
    .map(({ opcode, size, seed, cuts, controls }) => {
      const payload = opcode === TEXT ? Buffer.from(textPattern(size, seed)) : pattern(size, seed);
      const ends = [...cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) => a - b), payload.length];
      return ends.flatMap((end, index): FrameSpec[] => {
        const fragment: FrameSpec = {
          fin: index === ends.length - 1,
          opcode: index === 0 ? opcode : CONTINUATION,
          payload: payload.subarray(ends[index - 1] ?? 0, end),
        };
        const control = controls[index] ?? null;
        return control === null ? [fragment] : [fragment, control];
      });
    });
}

/** A sequence of valid frames of one side. If `masked`, each is masked with its own key. */
export function conversations(masked: boolean, sizes = lengths, most = 6): fc.Arbitrary<FrameSpec[]> {
  const frames = fc
    .array(
      fc.oneof(
        { weight: 4, arbitrary: messageFrames(sizes) },
        controlFrames.map((one) => [one]),
      ),
      {
        minLength: 1,
        maxLength: most,
      },
    )
    .map((groups) => groups.flat());
  if (!masked) return frames;
  return fc
    .tuple(frames, fc.array(maskKeys, { minLength: 1, maxLength: 4 }))
    .map(([specs, keys]) => specs.map((spec, index) => ({ ...spec, mask: keys[index % keys.length] as number[] })));
}
