/** Throws the error as an uncaught exception, once the current work is done. */
export function throwLater(error: unknown): void {
  process.nextTick(() => {
    throw error;
  });
}

/** Runs code that may call the application. An exception is rethrown as an uncaught one. */
export function runGuarded(action: () => void): void {
  try {
    action();
  } catch (error) {
    throwLater(error);
  }
}
