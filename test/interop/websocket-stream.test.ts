/** The same scenarios with our WebSocketStream, undici's and that of a browser. */
import type { IncomingMessage } from "node:http";
import { type Browser, chromium, type Page } from "playwright-core";
import * as undici from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocketError, WebSocketStream } from "../../src/index.ts";
import { attach } from "../support/servers.ts";
import { chromiumPath, describeWithPart } from "../support/system-parts.ts";
import { SCENARIOS, type Scenario } from "./stream-scenarios.ts";
import { wsServer } from "./ws-peers.ts";

const GREETED = [4001, "bye ✓"] as const;

/** @returns the URL of a server of ours that plays its part in the scenarios */
async function ours(): Promise<string> {
  const { server, url } = await attach({ protocols: ["v1"], path: (path) => path !== "/refused" });
  server.on("connection", (connection, { target }) => {
    connection.on("message", (data) => {
      if (target === "/cut") connection.terminate();
      else connection.send(data);
    });
    if (target !== "/greet-and-close") return;
    connection.send("first");
    connection.close(...GREETED);
  });
  return url;
}

/** @returns the URL of a server by `ws` that does the same */
async function bySomebodyElse(): Promise<string> {
  const { server, url } = await wsServer({
    verifyClient: ({ req }: { req: IncomingMessage }) => req.url !== "/refused",
  });
  server.on("connection", (socket, { url: path }) => {
    socket.on("message", (data, binary) => {
      if (path === "/cut") socket.terminate();
      else socket.send(data, { binary });
    });
    if (path !== "/greet-and-close") return;
    socket.send("first");
    socket.close(...GREETED);
  });
  return url;
}

describe.each([
  ["a server of ours", ours],
  ["a server by ws", bySomebodyElse],
])("our WebSocketStream and %s", (_name, start) => {
  it.each(SCENARIOS)("$title", async ({ run, expected }) => {
    const base = await start();
    expect(await run({ Stream: WebSocketStream, StreamError: WebSocketError, base })).toEqual(expected);
  });
});

describe("undici's WebSocketStream agrees with ours:", () => {
  const agreeing = SCENARIOS.filter((scenario) => scenario.undici === undefined);

  it.each(agreeing)("$title", async ({ run, expected }) => {
    const classes = { Stream: undici.WebSocketStream, StreamError: undici.WebSocketError };
    const base = await ours();
    expect(await run({ ...classes, base } as unknown as Parameters<Scenario["run"]>[0])).toEqual(expected);
  });
});

describeWithPart("chromium", "the WebSocketStream of a page in Chromium agrees with ours:", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  }, 60_000);

  afterAll(() => browser.close());

  async function pageOf(url: string): Promise<Page> {
    const page = await browser.newPage();
    await page.goto(url.replace("ws", "http"));
    return page;
  }

  it.for(SCENARIOS.filter((scenario) => scenario.chromium === undefined))(
    "$title",
    async ({ run, expected }, context) => {
      const base = await ours();
      const page = await pageOf(base);
      try {
        if (await page.evaluate("typeof WebSocketStream === 'undefined'")) {
          context.skip("this browser has no WebSocketStream; Chromium has one since version 124");
        }
        const platform = `{ Stream: WebSocketStream, StreamError: WebSocketError, base: ${JSON.stringify(base)} }`;
        expect(await page.evaluate(`(${run})(${platform})`)).toEqual(expected);
      } finally {
        await page.close();
      }
    },
  );
});
