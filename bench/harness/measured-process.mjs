import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { PEERS, scriptOf } from "./peers.mjs";

/** A server or client under measurement, in a process of its own that reports what it has used. */
export class MeasuredProcess {
  #child;
  #answers = [];
  /** The port on which a server listens. */
  port;

  /**
   * @param role "servers" or "clients"
   * @param peer a name in `peers.mjs`
   * @param options the options of its script
   */
  static async start(role, peer, options) {
    const measured = new MeasuredProcess(role, PEERS[peer], options);
    measured.port = (await measured.#nextAnswer()).port;
    return measured;
  }

  constructor(role, peer, options) {
    const [program, ...args] = peer.command;
    this.#child = spawn(program, [...args, scriptOf(role, peer), JSON.stringify(options)], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...peer.env },
    });
    createInterface({ input: this.#child.stdout }).on("line", (line) => this.#answers.shift()?.(JSON.parse(line)));
    this.#child.on("exit", () => {
      for (const answer of this.#answers) answer(null);
    });
  }

  /**
   * @returns `cpu` in microseconds since its start (user and system, all threads), `rss` and `heap` (which JavaScript
   *   objects and their buffers take) in bytes
   */
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
    if (answer === null) throw new Error(`the process has ended: ${this.#child.spawnargs.join(" ").slice(0, 300)}`);
    return answer;
  }
}
