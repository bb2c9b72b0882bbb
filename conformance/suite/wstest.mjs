import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** No page: a server of the suite would show one on another port. */
const OPTIONS = ["--spec", "spec.json", "--webport", "0"];

/** A run without progress is stopped after this time, in milliseconds. */
const STALLED_AFTER = 120_000;
/** The number of the suite's last lines that a failure shows. */
const LINES_KEPT = 15;

/** All running processes: they are stopped when this process ends. */
const running = new Set();
process.on("exit", () => {
  for (const wstest of running) wstest.stop();
});

/** One process of the suite, with a folder of its own for its specification and its reports. */
export class Wstest {
  #folder = mkdtempSync(join(tmpdir(), "tautline-conformance-"));
  #process;
  #lines = [];
  #watchdog = null;
  #stalled = false;
  /** Resolves with the exit code. */
  exited;

  /**
   * @param mode "fuzzingclient" or "fuzzingserver"
   * @param options `spec`: the suite's specification, to which the folder of the reports is added; `port`: the port of a
   *   server of the suite; `onLine`: called with each line that the suite prints
   */
  constructor(suite, mode, options) {
    const { spec, port, onLine } = options;
    const whole = { options: {}, "exclude-cases": [], "exclude-agent-cases": {}, ...spec, outdir: "./reports" };
    writeFileSync(join(this.#folder, "spec.json"), JSON.stringify(whole));
    this.#process = suite.start(["--mode", mode, ...OPTIONS], { folder: this.#folder, port });
    running.add(this);
    const { child } = this.#process;
    for (const output of [child.stdout, child.stderr]) {
      createInterface({ input: output }).on("line", (line) => {
        this.#lines = [...this.#lines, line].slice(-LINES_KEPT);
        onLine?.(line);
      });
    }
    this.exited = once(child, "close").then(([code]) => {
      clearTimeout(this.#watchdog);
      return code;
    });
    this.alive();
  }

  /** The process has made progress: its time begins again. */
  alive() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => {
      this.#stalled = true;
      this.stop();
    }, STALLED_AFTER);
  }

  /** The error of a failed process, with its last lines. */
  failure(what) {
    const why = this.#stalled ? `nothing happened for ${STALLED_AFTER / 1000} s` : what;
    return new Error([`the suite has failed: ${why}`, ...this.#lines].join("\n  "));
  }

  /** Returns the suite's reports of the agent, by the ids of the cases. @throws Error if there is no report of it */
  results(agent) {
    let reports;
    try {
      reports = JSON.parse(readFileSync(join(this.#folder, "reports", "index.json"), "utf8"));
    } catch (error) {
      throw this.failure(`it has written no report (${error.message})`);
    }
    if (reports[agent] === undefined) throw this.failure(`it reports on ${Object.keys(reports)}, not on ${agent}`);
    return Object.fromEntries(
      Object.entries(reports[agent]).map(([id, { behavior, behaviorClose, remoteCloseCode, duration }]) => [
        id,
        { behavior, behaviorClose, closeCode: remoteCloseCode, duration },
      ]),
    );
  }

  stop() {
    this.#process.stop();
  }

  /** Ends the process and removes its folder. */
  async remove() {
    clearTimeout(this.#watchdog);
    if (this.#process.child.exitCode === null && this.#process.child.signalCode === null) this.stop();
    await this.exited;
    running.delete(this);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
