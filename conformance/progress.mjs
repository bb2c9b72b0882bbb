import { weightOf } from "./selection.mjs";

/** Milliseconds between two lines if the output is not a terminal. */
const LINE_EVERY = 15_000;

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(Math.round(seconds) % 60).padStart(2, "0")}`;
}

/** The progress line: the case, its number among all, and the time that is left. */
export class Progress {
  #role;
  #cases;
  #output;
  #begun = 0;
  #weightBegun = 0;
  #weight;
  #startedAt = Date.now();
  #shownAt = 0;

  constructor(role, cases, output = process.stdout) {
    this.#role = role;
    this.#cases = cases;
    this.#output = output;
    this.#weight = cases.reduce((sum, id) => sum + weightOf(id), 0);
  }

  onCase(id) {
    this.#begun++;
    const left = this.#secondsLeft();
    this.#weightBegun += weightOf(id);
    this.#show(`${this.#role}: case ${id}, ${this.#begun} of ${this.#cases.length}${left}`);
  }

  end() {
    if (this.#output.isTTY) this.#output.write("\r\x1b[K");
  }

  #secondsLeft() {
    if (this.#weightBegun === 0) return "";
    const elapsed = (Date.now() - this.#startedAt) / 1000;
    return `, about ${clock((elapsed * (this.#weight - this.#weightBegun)) / this.#weightBegun)} left`;
  }

  #show(line) {
    if (this.#output.isTTY) {
      this.#output.write(`\r\x1b[K${line}`);
    } else if (Date.now() - this.#shownAt >= LINE_EVERY) {
      this.#shownAt = Date.now();
      this.#output.write(`${line}\n`);
    }
  }
}
