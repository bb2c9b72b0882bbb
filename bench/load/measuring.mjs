/** What the load was asked for. */
export const options = JSON.parse(process.argv[2]);

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

/** Lets it run in, says so, and counts when the bench wants it. @param count how much has happened so far */
export async function measure(count, rest = {}) {
  await seconds(options.warmUp);
  process.send({ type: "warm" });
  await new Promise((resolve) => process.once("message", resolve));
  const from = count();
  const start = process.hrtime.bigint();
  await seconds(options.seconds);
  const elapsed = Number(process.hrtime.bigint() - start) / 1e9;
  process.send({ type: "done", messages: count() - from, elapsed, ...rest });
}
