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
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
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
    expect(told).toEqual(["chat", "", "héllo", [1, 2, 255], 70_000, 4001, "as you wish ✓", true]);
  });

  it("of another host is refused", async () => {
    const serving = await attach();
    const refused = refusals(serving.server);
    const page = await pageOf(serving, "localhost");
    const code = await page.evaluate(
      (url) =>
        new Promise((resolve) => {
          new WebSocket(url).onclose = (event) => resolve(event.code);
        }),
      serving.url,
    );
    expect(code).toBe(1006);
    expect(refused).toMatchObject([{ code: "ORIGIN_FORBIDDEN" }]);
  });
});
