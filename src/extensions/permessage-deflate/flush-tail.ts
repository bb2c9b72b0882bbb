/** What ends each flush of DEFLATE, and is left out of a message (RFC 7692 section 7.2.1): an empty stored block. */
export const FLUSH_TAIL_LENGTH = 4;

const EMPTY_BLOCK = [0x00, 0x00, 0x00, 0xff, 0xff];
const EMPTY_FINAL_BLOCK = [0x01, 0x00, 0x00, 0xff, 0xff];
/** The block's first byte, its three header bits, is the last one of the message. */
const TAIL = EMPTY_BLOCK.slice(1);

/**
 * The tail and one empty block more. Told to stop at a block's end, zlib leaves that block exactly when the message
 * ended where a message must: one that breaks off inside a block takes more of it, less of it, or puts something out.
 */
export const TAIL_AND_BLOCK = Buffer.from([...TAIL, ...EMPTY_BLOCK]);
export const LEFT_OF_TAIL_AND_BLOCK = EMPTY_BLOCK.length;

/** The same for a stream that cannot be told to stop: it ends with the final block, and leaves the byte behind it. */
export const TAIL_AND_END = Buffer.from([...TAIL, ...EMPTY_FINAL_BLOCK, 0x00]);
export const LEFT_OF_TAIL_AND_END = 1;
