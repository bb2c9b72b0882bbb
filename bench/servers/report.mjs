/** Reports the port to the bench, and then what this process has used, once for each line of its input. */
export function report(port) {
  console.log(JSON.stringify({ port }));
  process.stdin.on("data", () => {
    const { user, system } = process.cpuUsage();
    globalThis.gc?.();
    const { rss, heapUsed, external } = process.memoryUsage();
    console.log(JSON.stringify({ cpu: user + system, rss, heap: heapUsed + external }));
  });
  process.stdin.on("end", () => process.exit());
}

/** The options from the bench. */
export const options = JSON.parse(process.argv[2] ?? "{}");

/** The text of each broadcast. */
export const broadcastText = "x".repeat(options.size ?? 0);
