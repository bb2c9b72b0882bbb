import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Wstest } from "../suite/wstest.mjs";

const START_OF_CASE = /^Running test case ID ([\d.]+)/;

/** The peer's server. It serves all runs: each process of the suite is a client. */
export class ServerRole {
  #suite;
  #peer;
  #process;
  #port;

  constructor(suite, peer) {
    this.#suite = suite;
    this.#peer = peer;
  }

  /** @throws Error if the server ends instead of printing its port */
  async begin() {
    const [program, ...args] = this.#peer.command("server");
    this.#process = spawn(program, [...args, this.#suite.listenOn], { stdio: ["pipe", "pipe", "inherit"] });
    this.#port = await new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout }).once("line", (line) => resolve(Number(line)));
      this.#process.once("error", reject);
      this.#process.once("exit", (code) => reject(new Error(`the server of ${this.#peer.name} ended with ${code}`)));
    });
  }

  /** Runs the cases. @param onCase called with the id of each case that begins @returns the results by id */
  async run(cases, onCase) {
    const url = `ws://${this.#suite.host}:${this.#port}`;
    const wstest = new Wstest(this.#suite, "fuzzingclient", {
      spec: { servers: [{ agent: this.#peer.name, url }], cases },
      onLine: (line) => {
        const id = START_OF_CASE.exec(line)?.[1];
        if (id === undefined) return;
        wstest.alive();
        onCase(id);
      },
    });
    try {
      const code = await wstest.exited;
      if (code !== 0) throw wstest.failure(`it ended with ${code}`);
      return wstest.results(this.#peer.name);
    } finally {
      await wstest.remove();
    }
  }

  end() {
    this.#process?.kill("SIGKILL");
  }
}
