import { Progress } from "./progress.mjs";
import { ClientRole } from "./roles/client.mjs";
import { ServerRole } from "./roles/server.mjs";
import { cutIntoRuns } from "./selection.mjs";

const ROLES = { server: ServerRole, client: ClientRole };

export const ROLE_NAMES = Object.keys(ROLES);

/** Runs several processes of the suite at once, since most of the time is spent in them. */
async function workOff(runs, jobs, work) {
  const left = [...runs];
  const worker = async () => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) await work(run);
  };
  const outcomes = await Promise.allSettled(Array.from({ length: jobs }, worker));
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/**
 * Runs cases of the suite on a peer in one role.
 *
 * @param jobs how many processes of the suite run at once
 * @returns the results by id, in the order of the cases
 * @throws Error if the suite or the peer could not run
 */
export async function runRole(roleName, { suite, peer, cases, jobs }) {
  const role = new ROLES[roleName](suite, peer);
  const progress = new Progress(roleName, cases);
  const results = {};
  try {
    await role.begin();
    await workOff(cutIntoRuns(cases), jobs, async (run) => {
      Object.assign(results, await role.run(run, (id) => progress.onCase(id)));
    });
  } finally {
    progress.end();
    role.end();
  }
  const order = [...cases.filter((id) => id in results), ...Object.keys(results).filter((id) => !cases.includes(id))];
  return Object.fromEntries(order.map((id) => [id, results[id]]));
}
