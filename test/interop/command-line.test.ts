/** Interoperability with command line tools: curl, and OpenSSL for wss. */
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

/** The output of a program, whatever its exit code: curl waits for a body after the 101 and fails. */
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
  ])("curl receives a 101 response and the server's frames, on %s", async (_, start) => {
    // curl sends no Close frame.
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

  it("curl receives a 426 response that explains the server if it sends a plain request", async () => {
    const { port } = await serve();
    const response = parseResponse(
      (await output(partPath("curl"), [...quiet, `http://127.0.0.1:${port}/`])).toString("latin1"),
    );
    expect(response).toMatchObject({ status: 426, headers: { upgrade: "websocket" } });
    expect(response.body).toContain("this is a WebSocket server");
  });

  it("curl receives the reason of a refusal", async () => {
    const { port } = await serve();
    const args = [...quiet, ...handshake, "--header", "Origin: https://evil.example", `http://127.0.0.1:${port}/`];
    const response = parseResponse((await output(partPath("curl"), args)).toString("latin1"));
    expect(response.status).toBe(403);
    expect(response.body).toContain("RFC 6455 section 10.2");
  });

  it("curl receives a 405 response to a POST with a body", async () => {
    const { port } = await serve();
    const args = [...quiet, "--data", "x".repeat(100_000), `http://127.0.0.1:${port}/`];
    const response = parseResponse((await output(partPath("curl"), args)).toString("latin1"));
    expect(response).toMatchObject({ status: 405, headers: { allow: "GET" } });
  });
});

describeWithPart("openssl", "openssl s_client", () => {
  it("openssl s_client accepts the certificate, and a frame over wss is answered", async () => {
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
