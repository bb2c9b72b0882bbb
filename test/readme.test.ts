import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..");

/** The TypeScript of the README, block by block. What it shows is JavaScript as well, so that node runs it. */
async function blocks(): Promise<string[]> {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  return [...readme.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = ""]) => code);
}

describe("the README's examples", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tautline-readme-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  /** @returns what the program prints, once it has ended well */
  async function run(program: string): Promise<string> {
    const [main, extensions] = ["dist/index.js", "dist/extensions/index.js"].map((path) => join(ROOT, path));
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

  /** Both blocks in one process: the server on a free port, the client told which, one message back and forth. */
  it("run as they stand: the client's greeting comes back from the server", async () => {
    const [server = "", client = ""] = await blocks();
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

  it("run as they stand: the greeting of a browser's WebSocket comes back from the server", async () => {
    const [server = "", , socket = ""] = await blocks();
    const program = [
      server
        .replace("port: 4000", 'port: 0, host: "127.0.0.1"')
        .replace(/ console\.log\(`closed.*$/m, " server.close());"),
      'await new Promise((resolve) => server.on("listening", resolve));',
      socket.replace('"ws://127.0.0.1:4000/chat"', '"ws://127.0.0.1:" + server.address().port + "/chat"'),
    ].join("\n");
    expect(await run(program)).toBe("127.0.0.1 asked for /chat\nhello\nclosed with 1000 done\n");
  });

  it("run as they stand: compression is set and its contexts are counted", async () => {
    const [, , , compression = ""] = await blocks();
    const program = [
      compression.replace("port: 4000", 'port: 0, host: "127.0.0.1"'),
      'server.on("listening", () => server.close());',
    ].join("\n");
    expect(await run(program)).toContain("limit: 512");
  });

  it("run as they stand: a message goes through a WebSocketStream and comes back", async () => {
    const all = await blocks();
    const [server = ""] = all;
    const stream = all.find((block) => block.includes("new WebSocketStream(")) ?? "";
    const program = [
      server.replace("port: 4000", 'port: 0, host: "127.0.0.1"'),
      'await new Promise((resolve) => server.on("listening", resolve));',
      stream.replace('"ws://127.0.0.1:4000/chat"', '"ws://127.0.0.1:" + server.address().port + "/chat"'),
      "await server.close();",
    ].join("\n");
    expect(await run(program)).toBe(
      "127.0.0.1 asked for /chat\nhello\nclosed with 4000 enough\nclosed with 4000 enough\n",
    );
  });

  it("use ten lines or less for a server and for a client", async () => {
    for (const code of (await blocks()).slice(0, 2)) expect(code.trimEnd().split("\n").length).toBeLessThanOrEqual(10);
  });
});
