/**
 * A promise with the functions that settle it. It counts as handled: a rejection that nobody awaits is not reported, as
 * with the `closed` promises of streams.
 */
export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => {});
  }
}
