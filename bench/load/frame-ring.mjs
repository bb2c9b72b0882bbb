/** Frames that follow each other in one Buffer, so that any run of them is a slice. */
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

  /** A run of `count` frames, at most the longest, from the one at `from` on. */
  slice(from, count) {
    return this.#bytes.subarray(this.#starts[from], this.#starts[from + count]);
  }

  /** Where the run behind that one begins. */
  after(from, count) {
    return (from + count) % this.#count;
  }
}
