/** From this many messages at the front that have left, their entries are cut off. */
const COMPACT_FROM = 256;

/**
 * Counts `bufferedAmount` by the WHATWG standard: bytes of messages, without the headers of frames, that were sent and
 * have not left. A message is counted when it is sent, and placed in the stream of bytes when it is framed.
 */
export class BufferedAmount {
  /** The messages that have not left, in order. */
  #sizes: number[] = [];
  /** Where the frames of the first of them end, counted from the connection's first byte. */
  #ends: number[] = [];
  /** How many entries at the front have left. */
  #gone = 0;
  /** How many have left, wherever they end. */
  #drained = 0;
  /** Where the last message that has left ended. */
  #goneEnd = 0;
  #total = 0;
  /** How many bytes of the first message that has not left have left. */
  #partly = 0;

  get value(): number {
    return this.#total - this.#partly;
  }

  /** A message was sent. */
  add(size: number): void {
    this.#total += size;
    this.#sizes.push(size);
  }

  /** A message was sent that will never leave: the connection has ended. */
  addLost(size: number): void {
    this.#total += size;
  }

  /** The first message that was not placed yet was framed. @param end where its frame ends */
  place(end: number): void {
    this.#ends.push(end);
  }

  /** @param left how many bytes of frames have left */
  settle(left: number): void {
    while (this.#gone < this.#ends.length && this.#hasLeft(left)) this.#take(left);
    this.#partly = this.#gone < this.#ends.length ? this.#partOf(left) : 0;
    const isEmpty = this.#gone === this.#sizes.length;
    if (isEmpty) this.#clear();
    else if (this.#gone >= COMPACT_FROM && this.#gone * 2 >= this.#sizes.length) this.#compact();
  }

  /**
   * All messages that were placed have left, which the next `settle()` takes into account. The end of one that is compressed
   * asynchronously is an estimate, and may never be reached.
   */
  onAllLeft(): void {
    this.#drained = this.#ends.length;
  }

  #hasLeft(left: number): boolean {
    return this.#gone < this.#drained || (this.#ends[this.#gone] as number) <= left;
  }

  #take(left: number): void {
    this.#total -= this.#sizes[this.#gone] as number;
    this.#goneEnd = Math.min(left, this.#ends[this.#gone] as number);
    this.#gone++;
  }

  /** The part of the first message that has left. Of a compressed one it is in proportion. */
  #partOf(left: number): number {
    const size = this.#sizes[this.#gone] as number;
    const end = this.#ends[this.#gone] as number;
    const length = end - this.#goneEnd;
    const waiting = end - Math.max(left, this.#goneEnd);
    return size - (length >= size ? Math.min(size, waiting) : Math.ceil((size * waiting) / length));
  }

  #clear(): void {
    this.#sizes.length = 0;
    this.#ends.length = 0;
    this.#gone = 0;
    this.#drained = 0;
  }

  #compact(): void {
    this.#sizes = this.#sizes.slice(this.#gone);
    this.#ends = this.#ends.slice(this.#gone);
    this.#drained = Math.max(0, this.#drained - this.#gone);
    this.#gone = 0;
  }
}
