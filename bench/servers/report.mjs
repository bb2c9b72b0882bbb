/** Tells the bench the port, and on each line that it sends what this process has used. */
export function report(port) {
  console.log(JSON.stringify({ port }));
  process.stdin.on("data", () => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    console.log(JSON.stringify({ cpu: user + system, rss: process.memoryUsage().rss }));
  });
}

/** What the bench has asked for. */
export const options = JSON.parse(process.argv[2] ?? "{}");
