/** The length of the end of a flush, an empty stored block, which a message leaves out (RFC 7692 section 7.2.1). */
export const FLUSH_TAIL_LENGTH = 4;

const EMPTY_BLOCK = [0x00, 0x00, 0x00, 0xff, 0xff];
const EMPTY_FINAL_BLOCK = [0x01, 0x00, 0x00, 0xff, 0xff];
/** The first byte of the block, its three header bits, is the last byte of the message. */
const TAIL = EMPTY_BLOCK.slice(1);

/**
 * The tail and one more empty block, to be read with `Z_BLOCK`, which stops at the end of a block. zlib leaves exactly
 * that block unread if the message is whole. For a truncated message it leaves more or less, or produces output.
 */
export const TAIL_AND_BLOCK = Buffer.from([...TAIL, ...EMPTY_BLOCK]);
/** The bytes that zlib leaves unread of `TAIL_AND_BLOCK` behind a whole message. */
export const LEFT_OF_TAIL_AND_BLOCK = EMPTY_BLOCK.length;

/** The same for a stream, which cannot stop at any block: it ends at the final block and leaves the byte behind it. */
export const TAIL_AND_END = Buffer.from([...TAIL, ...EMPTY_FINAL_BLOCK, 0x00]);
/** The bytes that a stream leaves unread of `TAIL_AND_END` behind a whole message. */
export const LEFT_OF_TAIL_AND_END = 1;
