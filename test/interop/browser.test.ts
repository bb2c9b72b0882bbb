/** Against a browser's own WebSocket. */
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { attach, refusals, type Serving } from "../support/servers.ts";
import { chromiumPath, describeWithPart } from "../support/system-parts.ts";

describeWithPart("chromium", "a page in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        // A name of somebody else's, for a page that is served here all the same.
        "--host-resolver-rules=MAP foreign.example 127.0.0.1",
      ],
    });
  }, 60_000);

  afterAll(() => browser.close());

  /** A page of the http server that the WebSocket server stands beside. */
  async function pageOf({ port }: Serving<undefined>, host = "127.0.0.1"): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`http://${host}:${port}/`);
    return page;
  }

  it("receives text, binary, and the close's code and reason", async () => {
    const serving = await attach({ path: "/ws", protocols: ["chat"], perMessageDeflate: true });
    serving.server.on("connection", (connection) => {
      connection.on("message", (data) => {
        if (data === "close") connection.close(4001, "as you wish ✓");
        else connection.send(data);
      });
    });
    const page = await pageOf(serving);
    const told = await page.evaluate(async (url) => {
      const socket = new WebSocket(url, ["x", "chat"]);
      socket.binaryType = "arraybuffer";
      const all: unknown[] = [];
      await new Promise((resolve) => {
        socket.onopen = () => {
          all.push(socket.protocol, socket.extensions);
          socket.send("héllo");
          socket.send(new Uint8Array([1, 2, 255]));
          socket.send(new Uint8Array(70_000));
          socket.send("close");
        };
        socket.onmessage = ({ data }) =>
          all.push(
            typeof data === "string" ? data : data.byteLength > 10 ? data.byteLength : [...new Uint8Array(data)],
          );
        socket.onclose = ({ code, reason, wasClean }) => resolve(all.push(code, reason, wasClean));
      });
      return all;
    }, `${serving.url}/ws`);
    expect(told).toEqual(["chat", "permessage-deflate", "héllo", [1, 2, 255], 70_000, 4001, "as you wish ✓", true]);
  });

  /** The code that a page's WebSocket closes with, or 0 once it is open. */
  function outcome(page: Page, url: string): Promise<number> {
    return page.evaluate(
      (to) =>
        new Promise<number>((resolve) => {
          const socket = new WebSocket(to);
          socket.onopen = () => resolve(0);
          socket.onclose = (event) => resolve(event.code);
        }),
      url,
    );
  }

  it("of another host is refused", async () => {
    const serving = await attach();
    const refused = refusals(serving.server);
    const page = await pageOf(serving, "foreign.example");
    expect(await outcome(page, serving.url)).toBe(1006);
    expect(refused).toMatchObject([{ code: "ORIGIN_FORBIDDEN" }]);
  });

  it("of this machine may connect by another of its names", async () => {
    const serving = await attach();
    const page = await pageOf(serving, "localhost");
    expect(await outcome(page, serving.url)).toBe(0);
  });
});
