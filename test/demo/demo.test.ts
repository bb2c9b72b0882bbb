import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startDemo } from "../../examples/demo/server.mjs";
import { chromiumPath, describeWithPart } from "../support/system-parts.ts";

const MAIN = fileURLToPath(new URL("../../examples/demo/main.mjs", import.meta.url));

describeWithPart("chromium", "the demo in a browser", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  }, 60_000);

  afterAll(() => browser.close());

  /** A page of its own demo. Its problems (script errors, resources that the CSP blocked) are collected. */
  async function open(options: { tls?: boolean } = {}): Promise<{ page: Page; url: string; problems: string[] }> {
    const demo = await startDemo({ port: 0, ...options });
    const page = await browser.newPage({ ignoreHTTPSErrors: true });
    onTestFinished(async () => {
      await page.close();
      await demo.close();
    });
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    await page.goto(demo.url);
    await state(page, "open");
    return { page, url: demo.url, problems };
  }

  const state = (page: Page, name: string): Promise<void> => page.locator(`#state[data-state="${name}"]`).waitFor();

  const row = (page: Page, direction: "in" | "out", opcode: string, payload: string) =>
    page.locator(`#frames tr.${direction}[data-opcode="${opcode}"]`, {
      has: page.locator(".payload", { hasText: payload }),
    });

  /** Waits until a frame with this opcode and payload has passed in each direction. */
  async function bothWays(page: Page, opcode: string, payload: string): Promise<void> {
    await row(page, "in", opcode, payload).waitFor();
    await row(page, "out", opcode, payload).waitFor();
  }

  const serverSaw = async (page: Page, event: string, detail: string): Promise<void> => {
    await page.getByRole("tab", { name: "Server events" }).click();
    await page.locator(`#server-log li.${event}`, { hasText: detail }).waitFor();
  };

  it("the demo sends a greeting when it opens, and shows text in both directions and the server's events", async () => {
    const { page, problems } = await open();
    await bothWays(page, "text", "Hello, wire!");

    await page.fill("#text", "naïve ✓");
    await page.click("#send-text");
    await bothWays(page, "text", "naïve ✓");
    await serverSaw(page, "open", "no subprotocol");
    await serverSaw(page, "message", "text, 10 bytes: naïve ✓");
    expect(problems).toEqual([]);
  });

  it("the demo shows the heads of the handshake, and that Sec-WebSocket-Accept fits the key", async () => {
    const { page, url } = await open();
    const handshake = page.locator("#handshake");
    await handshake.locator(".proof.right").waitFor();
    const [request, response] = await handshake.locator("pre").allTextContents();
    expect(request).toMatch(/^GET \/echo\?id=\w+ HTTP\/1\.1$/m);
    expect(request).toContain(`Host: ${new URL(url).host}`);
    expect(request).toMatch(/^Sec-WebSocket-Key: [\w+/]{22}==$/m);
    expect(response).toMatch(/^HTTP\/1\.1 101 Switching Protocols\n/);
    expect(response).toMatch(/^Sec-WebSocket-Accept: [\w+/]{27}=$/m);
  });

  it("the demo sends binary messages, and draws the header of the selected frame", async () => {
    const { page } = await open();
    await page.fill("#binary", "ca fe 0");
    await page.click("#send-binary");
    await page.getByText("Two hexadecimal digits per byte").waitFor();

    await page.fill("#binary", "ca fe 00");
    await page.click("#send-binary");
    await bothWays(page, "binary", "ca fe 00");
    await serverSaw(page, "message", "binary, 3 bytes");

    await row(page, "out", "binary", "ca fe 00").click();
    await page.locator("#figure figcaption", { hasText: "2 bytes of header: 82 03" }).waitFor();
    expect(await page.locator("#figure .values i").allInnerTexts()).toEqual([..."1000001000000011"]);

    await page.keyboard.press("ArrowUp");
    await page.locator("#figure-note", { hasText: "binary, client to server" }).waitFor();
    expect(await page.locator("#figure .cell.mask .values i").count()).toBe(1 + 32);
    expect(await page.locator("#figure .octets .plain td").allInnerTexts()).toEqual(["ca", "fe", "00", ""]);
  });

  it("the demo shows a frame with a 64-bit length", async () => {
    const { page } = await open();
    await page.fill("#text", "/bytes 70000");
    await page.click("#send-text");
    await row(page, "out", "binary", "77 69 72 65").click();
    await page
      .locator("#figure figcaption", { hasText: "10 bytes of header: 82 7f 00 00 00 00 00 01 11 70" })
      .waitFor();
  });

  it("the demo makes the server send a ping, and shows the browser's pong", async () => {
    const { page } = await open();
    await page.click("#ping");
    await row(page, "out", "ping", "are you there?").waitFor();
    await row(page, "in", "pong", "are you there?").waitFor();
    await serverSaw(page, "pong", "after the ping");
    await page.locator("#round-trip", { hasText: " ms" }).waitFor();

    await page.fill("#text", "/ping hello");
    await page.click("#send-text");
    await row(page, "in", "pong", "hello").waitFor();
  });

  it("the demo closes with a code on both sides, whichever side begins, and connects again", async () => {
    const { page } = await open();
    await page.fill("#code", "4001");
    await page.fill("#reason", "bye");
    await page.click("#close");
    await state(page, "closed");
    await row(page, "in", "close", "4001 bye").waitFor();
    await row(page, "out", "close", "4001").waitFor();
    await page.locator("#closed-with", { hasText: "4001 bye (clean)" }).waitFor();
    await serverSaw(page, "close", "4001 bye");

    await page.click("#reconnect");
    await state(page, "open");
    await page.fill("#text", "/close 4002 your turn");
    await page.click("#send-text");
    await bothWays(page, "close", "4002 your turn");
    await page.locator("#closed-with", { hasText: "4002 your turn (clean)" }).waitFor();
    await serverSaw(page, "close", "4002 your turn");
  });

  it("the demo answers an invalid command with an error, and stays open", async () => {
    const { page } = await open();
    for (const [command, name] of [
      ["/close 1005", "/close: "],
      [`/ping ${"x".repeat(126)}`, "/ping: "],
    ] as const) {
      await page.fill("#text", command);
      await page.click("#send-text");
      await row(page, "out", "text", name).waitFor();
    }
    await state(page, "open");
  });

  it("the demo reports a code that a page may not use, and a connection that was cut off", async () => {
    const { page } = await open();
    await page.fill("#code", "1002");
    await page.click("#close");
    await page.getByText("A page may close with 1000, or 3000 to 4999").waitFor();

    await page.fill("#text", "/drop");
    await page.click("#send-text");
    await page.locator("#closed-with", { hasText: "1006 (not clean)" }).waitFor();
    await serverSaw(page, "close", "1006");
  });

  it("the demo works over TLS", async () => {
    const { page, url, problems } = await open({ tls: true });
    expect(url).toMatch(/^https:/);
    await page.locator("#url", { hasText: url.replace(/^https/, "wss") }).waitFor();
    await bothWays(page, "text", "Hello, wire!");
    await page.locator("#handshake .proof.right").waitFor();
    expect(problems).toEqual([]);
  });
});

describe("the demo's server", () => {
  it("the demo's server serves its own files and no others", async () => {
    const demo = await startDemo({ port: 0 });
    onTestFinished(() => demo.close());
    const page = await fetch(demo.url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain(
      `default-src 'self'; connect-src 'self' ws://${new URL(demo.url).host};`,
    );
    const files = Array.from((await page.text()).matchAll(/(?:href|src)="(\/[^"]+)"/g), ([, path]) => path as string);
    expect(files).toEqual(["/favicon.svg", "/style.css", "/page.js"]);
    for (const file of files) expect((await fetch(new URL(file, demo.url))).status).toBe(200);
    for (const path of ["server.mjs", "..%2fserver.mjs", "index.html", "echo", "?x"]) {
      expect((await fetch(new URL(path, demo.url))).status).toBe(404);
    }
    expect((await fetch(demo.url, { method: "POST" })).status).toBe(405);
  });

  it("the demo's server listens on both loopback addresses for localhost", async () => {
    const demo = await startDemo({ port: 0 });
    onTestFinished(() => demo.close());
    const { port } = new URL(demo.url);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    const probe = createServer();
    const hasIPv6 = await new Promise((resolve) => {
      probe.once("error", () => resolve(false)).listen(0, "::1", () => probe.close(() => resolve(true)));
    });
    if (hasIPv6) expect((await fetch(`http://[::1]:${port}/`)).status).toBe(200);
  });
});

describe("the demo's command line", () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [MAIN, ...args]).then(
      ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
      ({ code, stdout, stderr }) => ({ code, stdout, stderr }),
    );

  it("the demo's command prints its address on a separate line, and ends on SIGTERM", async () => {
    const child = spawn(process.execPath, [MAIN, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
    onTestFinished(() => void child.kill("SIGKILL"));
    const [line] = await once(createInterface(child.stdout), "line");
    expect(line).toMatch(/^Tautline demo: http:\/\/localhost:\d+\/$/);
    child.kill("SIGTERM");
    expect(await once(child, "exit")).toEqual([0, null]);
  });

  it("the demo's command prints its options for --help", async () => {
    expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("--port N") });
  });

  it.each([
    [["--nope"], "tautline demo: Unknown option '--nope'\n"],
    [["extra"], "tautline demo: Unexpected argument 'extra'\n"],
    [["--port"], "tautline demo: Option '--port <value>' argument missing\n"],
    [["--port", "abc"], 'tautline demo: --port takes a number from 0 to 65535, not "abc"\n'],
    [["--port", "65536"], 'tautline demo: --port takes a number from 0 to 65535, not "65536"\n'],
  ])("the demo's command rejects %j with a message of one line", async (args, stderr) => {
    expect(await run(...args)).toEqual({ code: 2, stdout: "", stderr });
  });

  it("the demo's command reports that the port is in use", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const { port } = other.address() as { port: number };
    expect(await run("--port", String(port))).toEqual({
      code: 1,
      stdout: "",
      stderr: `tautline demo: port ${port} is in use (EADDRINUSE); choose another with --port\n`,
    });
  });
});
