import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** node 20 has no `await using`: what the compiler makes of it is tested with the connection. */
const LISTENING = `await new Promise((resolve) => server.on("listening", resolve));
const connection = await connect("ws://127.0.0.1:" + server.address().port)`;

/** The block of TypeScript of a section of the README. Its code is JavaScript as well, so node can run it. */
async function example(section: string): Promise<string> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const [, text = ""] = readme.split(`\n## ${section}\n`);
  const [, code] = /^```ts\n(.*?)^```/ms.exec(text.split("\n## ")[0] as string) ?? [];
  if (code === undefined) throw new Error(`the README has no example in a section "${section}"`);
  return code;
}

describe("the README's examples", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tautline-readme-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** Runs a program that must end with the exit code 0. @returns its output */
  async function run(program: string): Promise<string> {
    const [main, extensions] = ["dist/index.js", "dist/extensions/public.js"].map((path) => join(ROOT, path));
    const installed = program
      .replaceAll('from "tautline"', `from "${main}"`)
      .replaceAll('from "tautline/extensions"', `from "${extensions}"`);
    await writeFile(join(folder, "readme.mjs"), installed);
    const child = spawn(process.execPath, [join(folder, "readme.mjs")], { stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    const [code] = await once(child, "close");
    expect(code).toBe(0);
    return output;
  }

  /** Both examples run in one process. The server listens on a free port, and the client's URL is changed to that port. */
  it("the README's examples run unchanged except for the port: the client receives its message back from the server", async () => {
    const server = await example("A server");
    const client = await example("A client");
    const program = [
      server.replace("port: 4000", 'port: 0, host: "127.0.0.1"'),
      'await new Promise((resolve) => server.on("listening", resolve));',
      client
        .replace('"ws://127.0.0.1:4000/chat"', '"ws://127.0.0.1:" + server.address().port + "/chat"')
        .replace("console.log(message);", '{ console.log("got " + message); break; }'),
      'connection.close(1000, "done");',
      "await server.close();",
    ].join("\n");
    expect(await run(program)).toBe("127.0.0.1 asked for /chat\ngot hello\nclosed with 1000 done\n");
  });

  it("the README's examples run unchanged except for the port: a file goes as one message, and what comes back goes into another file", async () => {
    const pieces = await example("Messages of any length");
    const answers = join(folder, "answers.txt");
    const program = [
      pieces
        .replace("port: 4000", 'port: 0, host: "127.0.0.1"')
        .replace('await using connection = await connect("ws://127.0.0.1:4000/")', LISTENING)
        .replace('"package.json"', JSON.stringify(join(ROOT, "package.json")))
        .replace(/(connection\.send\(`.*`\));/, "$1; if (length === 9) server.close();")
        .replace('"answers.txt"', JSON.stringify(answers)),
    ].join("\n");
    await run(program);
    const { length } = await readFile(join(ROOT, "package.json"), "utf8");
    expect(await readFile(answers, "utf8")).toBe(`text of ${length}text of 9`);
  });

  it("the README's examples run unchanged except for the port: a browser's WebSocket receives its message back", async () => {
    const server = await example("A server");
    const socket = await example("The browser's WebSocket");
    const program = [
      server
        .replace("port: 4000", 'port: 0, host: "127.0.0.1"')
        .replace(/ console\.log\(`closed.*$/m, " server.close());"),
      'await new Promise((resolve) => server.on("listening", resolve));',
      socket.replace('"ws://127.0.0.1:4000/chat"', '"ws://127.0.0.1:" + server.address().port + "/chat"'),
    ].join("\n");
    expect(await run(program)).toBe("127.0.0.1 asked for /chat\nhello\nclosed with 1000 done\n");
  });

  it("the README's examples run unchanged except for the port: a WebSocketStream reads its message and closes", async () => {
    const server = await example("A server");
    const stream = await example("The browser's `WebSocketStream`");
    const program = [
      server
        .replace("port: 4000", 'port: 0, host: "127.0.0.1"')
        .replace(/ console\.log\(`closed.*$/m, " server.close());"),
      'await new Promise((resolve) => server.on("listening", resolve));',
      stream.replace('"ws://127.0.0.1:4000/chat"', '"ws://127.0.0.1:" + server.address().port + "/chat"'),
    ].join("\n");
    expect(await run(program)).toBe("127.0.0.1 asked for /chat\nhello\nclosed with 4000 enough\n");
  });

  it("the README's examples run unchanged except for the port: compression is configured and its contexts are counted", async () => {
    const compression = await example("Compression");
    const program = [
      compression.replace("port: 4000", 'port: 0, host: "127.0.0.1"'),
      'server.on("listening", () => server.close());',
    ].join("\n");
    expect(await run(program)).toContain("limit: 512");
  });

  it("the README's examples need at most ten lines for a server and for a client", async () => {
    for (const section of ["A server", "A client"])
      expect((await example(section)).trimEnd().split("\n").length).toBeLessThanOrEqual(10);
  });
});
