import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { PEERS } from "./peers.mjs";

/** What is measured, in a process of its own that says what it has used. */
export class MeasuredProcess {
  #child;
  #answers = [];
  /** Where a server listens. */
  port;

  /**
   * @param role "servers" or "clients"
   * @param peer a name of `peers.mjs`
   * @param options what its script takes
   */
  static async start(role, peer, options) {
    const measured = new MeasuredProcess(role, PEERS[peer], options);
    measured.port = (await measured.#nextAnswer()).port;
    return measured;
  }

  constructor(role, { command, script, env }, options) {
    const [program, ...args] = command;
    const path = fileURLToPath(new URL(`../${role}/${script}`, import.meta.url));
    this.#child = spawn(program, [...args, path, JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#answers.shift()?.(JSON.parse(line)));
    this.#child.on("exit", () => {
      for (const answer of this.#answers) answer(null);
    });
  }

  /** @returns `cpu` in microseconds since its start (user and system, all threads), `rss` in bytes */
  async usage() {
    this.#child.stdin.write("usage\n");
    return this.#nextAnswer();
  }

  async stop() {
    if (this.#child.exitCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async #nextAnswer() {
    const answer = await new Promise((resolve) => this.#answers.push(resolve));
    if (answer === null) throw new Error(`it has ended: ${this.#child.spawnargs.join(" ").slice(0, 300)}`);
    return answer;
  }
}
