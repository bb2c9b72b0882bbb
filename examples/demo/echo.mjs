// The application: it sends each message back, except for four commands.

const MOST_BYTES = 1 << 20;

const COMMANDS = {
  "/ping": (_echo, payload, ping) => ping(payload || undefined),
  "/close": (echo, argument) => {
    const [, code, reason] = /^(\d{4})?\s*(.*)$/s.exec(argument);
    echo.close(Number(code ?? 1000), reason);
  },
  "/drop": (echo) => echo.terminate(),
  "/bytes": (echo, argument) =>
    echo.send(Buffer.alloc(Math.min(Number.parseInt(argument, 10) || 0, MOST_BYTES), "wire")),
};

/** Serves one connection. @param ping sends a ping with a payload */
export function serveEcho(echo, ping) {
  const runCommand = (name, argument) => {
    try {
      COMMANDS[name](echo, argument, ping);
    } catch (error) {
      // The message names the cause: a code that may not be sent, or a ping of more than 125 bytes.
      echo.send(`${name}: ${error.message}`);
    }
  };

  echo.on("message", (data) => {
    if (typeof data === "string") {
      const [, name, argument] = /^(\/\w+)? ?(.*)$/s.exec(data);
      if (Object.hasOwn(COMMANDS, name ?? "")) return runCommand(name, argument);
    }
    echo.send(data);
  });
}
