/**
 * Runs the cases of the suite's server.
 *
 * @param echo opens a connection to a URL and sends each message back. It resolves when the connection is closed, for any
 *   reason: the suite itself reports a case that does not end as expected.
 */
export async function drive(echo) {
  const [url, agent, count] = process.argv.slice(2);
  for (let index = 1; index <= Number(count); index++) {
    console.log(index);
    await echo(`${url}/runCase?case=${index}&agent=${agent}`);
  }
  await echo(`${url}/updateReports?agent=${agent}`);
}
