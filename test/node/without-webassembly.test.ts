import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Both sides, and messages on either side of every way to mask. */
const PROGRAM = `
  import { once } from "node:events";
  import { connect, WebSocketServer } from "tautline";

  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
  await once(server, "listening");
  const client = await connect("ws://127.0.0.1:" + server.address().port);
  for (const length of [0, 5, 100, 1000, 300_000]) {
    const sent = Buffer.from(Array.from({ length }, (_, index) => index * 7));
    client.send(sent);
    const [echoed] = await once(client, "message");
    if (!sent.equals(echoed)) throw new Error("another message came back");
  }
  await server.close();
  process.stdout.write(typeof WebAssembly);
`;

describe("a node without WebAssembly", () => {
  it.each([
    ["as V8 has none without its compilers", ["--jitless"], "undefined"],
    ["for comparison with one that has it", [], "object"],
  ])("a node without WebAssembly sends and receives: %s", (_, flags, type) => {
    const output = execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", PROGRAM], { cwd: ROOT });
    expect(output.toString()).toBe(type);
  });
});
