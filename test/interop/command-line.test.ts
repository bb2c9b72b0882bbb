/** Against what one has at hand on a command line: curl, and OpenSSL for wss. */
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeCertificate } from "../support/certificate.ts";
import { decodeFrames, EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/heads.ts";
import { parseResponse, upgrade } from "../support/raw-peer.ts";
import { attach, echo, serve } from "../support/servers.ts";
import { describeWithPart, partPath } from "../support/system-parts.ts";

/** What the program writes, whether or not it ends well: curl waits for a body behind the 101 that never ends. */
function output(path: string, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve) => {
    execFile(path, args, { encoding: "buffer", timeout: 60_000 }, (_error, stdout) => resolve(stdout));
  });
}

describeWithPart("curl", "curl", () => {
  const handshake = [
    ...["--header", "Connection: Upgrade", "--header", "Upgrade: websocket"],
    ...["--header", "Sec-WebSocket-Version: 13", "--header", `Sec-WebSocket-Key: ${SAMPLE_KEY}`],
  ];
  const quiet = ["--silent", "--include", "--no-buffer", "--http1.1", "--noproxy", "*", "--max-time", "60"];

  it.each([
    ["raw sockets", serve],
    ["an http.Server", attach],
  ])("a command line client is shown a 101 response and what the server sends, on %s", async (_, start) => {
    // curl sends no Close of its own.
    const { server, port } = await start({ closeTimeout: 50 });
    server.on("connection", (connection) => {
      connection.send("hello, curl");
      connection.close(1000);
    });
    const response = parseResponse(
      (await output(partPath("curl"), [...quiet, ...handshake, `http://127.0.0.1:${port}/`])).toString("latin1"),
    );
    expect(response).toMatchObject({ status: 101, headers: { "sec-websocket-accept": SAMPLE_ACCEPT } });
    expect(decodeFrames(Buffer.from(response.body, "latin1"))[0]?.payload.toString()).toBe("hello, curl");
  });

  it("a command line client that asks plainly is told what the server is", async () => {
    const { port } = await serve();
    const response = parseResponse(
      (await output(partPath("curl"), [...quiet, `http://127.0.0.1:${port}/`])).toString("latin1"),
    );
    expect(response).toMatchObject({ status: 426, headers: { upgrade: "websocket" } });
    expect(response.body).toContain("this is a WebSocket server");
  });

  it("a command line client is told why it is refused", async () => {
    const { port } = await serve();
    const args = [...quiet, ...handshake, "--header", "Origin: https://evil.example", `http://127.0.0.1:${port}/`];
    const response = parseResponse((await output(partPath("curl"), args)).toString("latin1"));
    expect(response.status).toBe(403);
    expect(response.body).toContain("RFC 6455 section 10.2");
  });

  it("a command line client has the answer to what it posts", async () => {
    const { port } = await serve();
    const args = [...quiet, "--data", "x".repeat(100_000), `http://127.0.0.1:${port}/`];
    const response = parseResponse((await output(partPath("curl"), args)).toString("latin1"));
    expect(response).toMatchObject({ status: 405, headers: { allow: "GET" } });
  });
});

describeWithPart("openssl", "openssl s_client", () => {
  it("a command line client speaks wss by hand: the certificate is valid, and a frame is answered", async () => {
    const { key, cert } = await makeCertificate();
    const { server, port } = await serve({ tls: { key, cert } });
    echo(server);
    const folder = mkdtempSync(join(tmpdir(), "tautline-"));
    const authority = join(folder, "ca.pem");
    writeFileSync(authority, cert);
    const args = [
      "s_client",
      "-connect",
      `127.0.0.1:${port}`,
      "-servername",
      "localhost",
      "-verify_hostname",
      "localhost",
    ];
    const trust = ["-CAfile", authority, "-verify_return_error", "-quiet", "-no_ign_eof"];
    const child = spawn(partPath("openssl"), [...args, ...trust], { stdio: ["pipe", "pipe", "ignore"] });
    onTestFinished(() => {
      child.kill();
      rmSync(folder, { recursive: true });
    });
    child.stdin.write(
      Buffer.concat([Buffer.from(upgrade()), frame({ opcode: TEXT, payload: "by hand", mask: EXAMPLE_KEY })]),
    );
    const chunks: Buffer[] = [];
    for await (const chunk of child.stdout) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).includes("by hand")) break;
    }
    const response = parseResponse(Buffer.concat(chunks).toString("latin1"));
    expect(response).toMatchObject({ status: 101, headers: { "sec-websocket-accept": SAMPLE_ACCEPT } });
    expect(decodeFrames(Buffer.from(response.body, "latin1"))).toMatchObject([{ opcode: TEXT, masked: false }]);
  });
});
