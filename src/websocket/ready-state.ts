/** The ready state of a socket, as the WHATWG standard numbers it. */
export const ReadyState = Object.freeze({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const);

export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];
