import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** A server in a process of its own, that says what it has used. */
export class ServerProcess {
  #child;
  #answers = [];

  /** @param peer one of `peers.mjs`; @param options what its server script takes */
  static async start(peer, options) {
    const server = new ServerProcess(peer, options);
    server.port = (await server.#nextAnswer()).port;
    return server;
  }

  constructor({ command, script }, options) {
    const [program, ...args] = command;
    this.#child = spawn(program, [...args, script, JSON.stringify(options)], { stdio: ["pipe", "pipe", "inherit"] });
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
    if (answer === null) throw new Error(`the server ended: ${this.#child.spawnargs.join(" ")}`);
    return answer;
  }
}
