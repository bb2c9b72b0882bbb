import { ConnectError, type ConnectOptions, connect } from "../../src/index.ts";

/** Why an attempt was rejected. */
export async function failure(attempt: Promise<unknown>): Promise<ConnectError> {
  const error = await attempt.then(
    () => new Error("it was fulfilled"),
    (error: unknown) => error,
  );
  if (!(error instanceof ConnectError)) throw error;
  return error;
}

/** The same of a new attempt that has all the time in the world. */
export function failureOf(url: string, options: ConnectOptions = {}): Promise<ConnectError> {
  return failure(connect(url, { handshakeTimeout: 2 ** 31 - 1, ...options }));
}
