/** Interoperability with a browser's own WebSocket. */
import type { Socket } from "node:net";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { wordy } from "../extensions/permessage-deflate/codecs.ts";
import { digest } from "../support/digest.ts";
import { attach, refusals, type Serving } from "../support/servers.ts";
import { chromiumPath, describeWithPart } from "../support/system-parts.ts";
import { MIXED, NEXT_TO_NOTHING, REPEATED } from "./payloads.ts";

/** The bytes that a socket has transferred so far. */
interface Counted {
  readonly read: number;
  readonly written: number;
}

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
        // Another host name, so that a page of this machine has a foreign origin.
        "--host-resolver-rules=MAP foreign.example 127.0.0.1",
      ],
    });
  }, 60_000);

  afterAll(() => browser.close());

  /** A page of the http server to which the WebSocket server is attached. */
  async function pageOf({ port }: Serving<undefined>, host = "127.0.0.1"): Promise<Page> {
    const page = await browser.newPage();
    onTestFinished(() => page.close());
    await page.goto(`http://${host}:${port}/`);
    return page;
  }

  it("a page receives text and binary messages, and the code and reason of a Close frame", async () => {
    const serving = await attach({ path: "/ws", protocols: ["chat"], perMessageDeflate: true });
    serving.server.on("connection", (connection) => {
      connection.on("message", (data) => {
        if (data === "close") connection.close(4001, "as you wish ✓");
        else connection.send(data);
      });
    });
    const page = await pageOf(serving);
    const result = await page.evaluate(async (url) => {
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
    expect(result).toEqual(["chat", "permessage-deflate", "héllo", [1, 2, 255], 70_000, 4001, "as you wish ✓", true]);
  });

  it.each([
    ["", {}],
    [
      "; server_no_context_takeover; client_no_context_takeover",
      { serverNoContextTakeover: true, clientNoContextTakeover: true },
    ],
    ["; server_max_window_bits=9; client_max_window_bits=9", { serverMaxWindowBits: 9, clientMaxWindowBits: 9 }],
    ["; server_max_window_bits=8; client_max_window_bits=8", { serverMaxWindowBits: 8, clientMaxWindowBits: 8 }],
  ])("a page and our server exchange messages with permessage-deflate%s", async (parameters, options) => {
    const serving = await attach({ path: "/ws", perMessageDeflate: { ...options, threshold: 0 } });
    const received: string[] = [];
    const counted: Counted[] = [];
    serving.server.on("connection", (connection, request) => {
      const socket = request.socket as Socket;
      connection.on("message", (data) => {
        received.push(digest(data));
        counted.push({ read: socket.bytesRead, written: socket.bytesWritten });
        connection.send(data);
      });
    });
    const page = await pageOf(serving);
    const long = wordy(300 << 10);
    const messages = [REPEATED, REPEATED, ...MIXED, long, long.toString(), "", "the end"];
    const result = await page.evaluate(
      async ({ url, encoded }) => {
        const all = encoded.map((each) =>
          typeof each === "string" ? each : Uint8Array.from(atob(each.base64), (char) => char.charCodeAt(0)),
        );
        const socket = new WebSocket(url);
        socket.binaryType = "arraybuffer";
        const differing: number[] = [];
        let echoed = 0;
        await new Promise<void>((resolve, reject) => {
          socket.onclose = ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`));
          // The first ones are sent one by one, so that their bytes can be counted, the others all at once.
          socket.onopen = () => socket.send(all[0] as Uint8Array<ArrayBuffer>);
          socket.onmessage = ({ data }) => {
            const sent = all[echoed++] as string | Uint8Array;
            const same =
              typeof data === "string"
                ? data === sent
                : typeof sent !== "string" &&
                  data.byteLength === sent.length &&
                  new Uint8Array(data).every((byte, at) => byte === sent[at]);
            if (!same) differing.push(echoed - 1);
            if (echoed === 1) socket.send(all[1] as Uint8Array<ArrayBuffer>);
            if (echoed === 2) for (const each of all.slice(2)) socket.send(each);
            if (echoed === all.length) resolve();
          };
        });
        return { extensions: socket.extensions, differing };
      },
      {
        url: `${serving.url}/ws`,
        encoded: messages.map((each) => (typeof each === "string" ? each : { base64: each.toString("base64") })),
      },
    );
    expect(result).toEqual({ extensions: `permessage-deflate${parameters}`, differing: [] });
    expect(received).toEqual(messages.map(digest));
    const [first, second, third] = counted as [Counted, Counted, Counted];
    const keptWindow = !parameters.includes("no_context_takeover");
    expect(second.read - first.read < NEXT_TO_NOTHING).toBe(keptWindow);
    expect(third.written - second.written < NEXT_TO_NOTHING).toBe(keptWindow);
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

  it("a page of another host is refused", async () => {
    const serving = await attach();
    const refused = refusals(serving.server);
    const page = await pageOf(serving, "foreign.example");
    expect(await outcome(page, serving.url)).toBe(1006);
    expect(refused).toMatchObject([{ code: "ORIGIN_FORBIDDEN" }]);
  });

  it("a page of this machine may connect if it uses another name of the machine", async () => {
    const serving = await attach();
    const page = await pageOf(serving, "localhost");
    expect(await outcome(page, serving.url)).toBe(0);
  });
});
