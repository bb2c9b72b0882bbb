// The application: it sends back what it gets, save for four commands.

const LARGEST_GIFT = 1 << 20;

const COMMANDS = {
  "/ping": (_echo, payload, ping) => ping(payload || undefined),
  "/close": (echo, argument) => {
    const [, code, reason] = /^(\d{4})?\s*(.*)$/s.exec(argument);
    echo.close(Number(code ?? 1000), reason);
  },
  "/drop": (echo) => echo.terminate(),
  "/bytes": (echo, argument) =>
    echo.send(Buffer.alloc(Math.min(Number.parseInt(argument, 10) || 0, LARGEST_GIFT), "wire")),
};

/** Serves one connection; `ping` is how a ping is to be sent. */
export function serveEcho(echo, ping) {
  const obey = (name, argument) => {
    try {
      COMMANDS[name](echo, argument, ping);
    } catch (error) {
      // A code that may not be sent, a ping past 125 bytes: the library says which.
      echo.send(`${name}: ${error.message}`);
    }
  };

  echo.on("message", (data) => {
    if (typeof data === "string") {
      const [, name, argument] = /^(\/\w+)? ?(.*)$/s.exec(data);
      if (Object.hasOwn(COMMANDS, name ?? "")) return obey(name, argument);
    }
    echo.send(data);
  });
}
