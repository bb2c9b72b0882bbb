/** Tells the bench the port, and on each line that it sends what this process has used. */
export function report(port) {
  console.log(JSON.stringify({ port }));
  process.stdin.on("data", () => {
    const { user, system } = process.cpuUsage();
    globalThis.gc?.();
    console.log(JSON.stringify({ cpu: user + system, rss: process.memoryUsage().rss }));
  });
  process.stdin.on("end", () => process.exit());
}

/** What the bench has asked for. */
export const options = JSON.parse(process.argv[2] ?? "{}");

/** What a broadcast sends: the same text again and again. */
export const broadcastText = "x".repeat(options.size ?? 0);
