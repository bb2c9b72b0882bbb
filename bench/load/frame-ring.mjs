/** Frames one after the other in one Buffer, so that any sequence of them is a slice. */
export class FrameRing {
  #bytes;
  #starts = [0];
  #count;

  constructor(frames, longestRun) {
    this.#count = frames.length;
    const repeated = [...frames, ...Array.from({ length: longestRun }, (_, index) => frames[index % frames.length])];
    this.#bytes = Buffer.concat(repeated);
    for (const frame of repeated) this.#starts.push(this.#starts.at(-1) + frame.length);
  }

  /** `count` frames, from the one at `from` on; at most `longestRun`. */
  slice(from, count) {
    return this.#bytes.subarray(this.#starts[from], this.#starts[from + count]);
  }

  /** The index of the frame that follows them. */
  after(from, count) {
    return (from + count) % this.#count;
  }
}
