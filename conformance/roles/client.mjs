import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { Wstest } from "../suite/wstest.mjs";

/** The milliseconds within which the suite's server must listen, and those between two checks. */
const LISTENS_WITHIN = 30_000;
const LOOK_EVERY = 50;

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port) {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The peer's client: each run has a server of the suite and a client process of its own. */
export class ClientRole {
  #suite;
  #peer;

  constructor(suite, peer) {
    this.#suite = suite;
    this.#peer = peer;
  }

  async begin() {}

  async run(cases, onCase) {
    const port = await freePort();
    const url = `ws://${this.#suite.listenOn}:${port}`;
    const wstest = new Wstest(this.#suite, "fuzzingserver", { spec: { url, cases }, port });
    try {
      await this.#untilListening(wstest, port);
      await this.#runClient(wstest, port, cases, onCase);
      return wstest.results(this.#peer.name);
    } finally {
      await wstest.remove();
    }
  }

  end() {}

  async #untilListening(wstest, port) {
    let code;
    wstest.exited.then((value) => {
      code = value;
    });
    for (const end = Date.now() + LISTENS_WITHIN; Date.now() < end; await wait(LOOK_EVERY)) {
      if (code !== undefined) throw wstest.failure(`it ended with ${code}`);
      if (await accepts(port)) return;
    }
    throw wstest.failure(`it does not listen within ${LISTENS_WITHIN / 1000} s`);
  }

  async #runClient(wstest, port, cases, onCase) {
    const [program, ...args] = this.#peer.command("client");
    const options = [`ws://127.0.0.1:${port}`, this.#peer.name, String(cases.length)];
    const client = spawn(program, [...args, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    // Each line is the number of the case that begins, from 1.
    createInterface({ input: client.stdout }).on("line", (line) => {
      wstest.alive();
      onCase(cases[Number(line) - 1]);
    });
    wstest.exited.then(() => client.kill("SIGKILL"));
    const [code] = await once(client, "close");
    if (code !== 0) throw wstest.failure(`the client of ${this.#peer.name} ended with ${code}`);
  }
}
