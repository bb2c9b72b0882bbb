/** The options from the bench. */
export const options = JSON.parse(process.argv[2]);

const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000));

/** Reports the end of the warm-up, and then counts once the bench asks for it. @param count gives the total so far */
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
