import { ConnectError, type ConnectOptions, connect } from "../../src/index.ts";

/** Returns the error with which an attempt was rejected. */
export async function failure(attempt: Promise<unknown>): Promise<ConnectError> {
  const error = await attempt.then(
    () => new Error("it was fulfilled"),
    (error: unknown) => error,
  );
  if (!(error instanceof ConnectError)) throw error;
  return error;
}

/** Returns the error of a new attempt without a time limit that matters. */
export function failureOf(url: string, options: ConnectOptions = {}): Promise<ConnectError> {
  return failure(connect(url, { handshakeTimeout: 2 ** 31 - 1, ...options }));
}
