/**
 * The browser's WebSocket: the same page with Tautline's class, with undici's, which is node's own, and in Chromium. If
 * undici differs, Chromium and the text of the standards decide; if Chromium differs, the text does.
 */
import { type Browser, chromium } from "playwright-core";
import { WebSocket as UndiciWebSocket } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "../../src/index.ts";
import { serveHttp } from "../support/servers.ts";
import { chromiumPath, describeWithPart } from "../support/system-parts.ts";
import { PEERS } from "./web-socket-peers.ts";
import { follow, type PageWebSocket, SCENARIOS } from "./web-socket-scenarios.ts";

/** What a platform does otherwise. */
interface Difference {
  readonly because: string;
  /** What it does; `undefined` if that changes from run to run. */
  readonly result?: unknown;
}

const UNDICI: Readonly<Record<string, Difference>> = {
  "uses the binary type of the moment in which a message is handed out": {
    because: "it decides when the bytes arrive (WHATWG: when the task runs)",
    result: [
      ["open", 1],
      ["message", "[object Blob]"],
      ["message", "[object Blob]"],
      ["message", "[object Blob]"],
      ["close", 1000, "", true, 3],
    ],
  },
  "runs promises between two messages": {
    because: "it fires all messages of a chunk in one go (HTML: a task each, with a microtask checkpoint after it)",
  },
  "drops messages once close() was called": { because: "the closing handshake may fail then" },
  "counts messages in bufferedAmount until they have left": {
    because: "it does not count what is sent after the end (WHATWG: any send() that does not throw counts)",
    result: [1007, 0, 0],
  },
  "keeps the place of an event handler while its value changes": {
    because: "each value is a new listener (HTML: the first value adds one, others replace what it calls)",
    result: [null, true, "listener", "new handler"],
  },
  "fires trusted events that cannot be cancelled": {
    because: "its events are not trusted (DOM: those that the user agent fires are)",
    result: [
      ["Event", false, false, false, true],
      ["MessageEvent", false, false, false, true],
      ["CloseEvent", false, false, false, true],
    ],
  },
};

const CHROMIUM: Readonly<Record<string, Difference>> = {
  "reports 1006 if the transport is lost": {
    because: "it fires no error event (RFC 6455 section 7.2.1: the connection is failed, so there is one)",
    result: [
      ["open", 1],
      ["close", 1006, "", false, 3],
    ],
  },
  "rounds a code to the nearest whole number": {
    because: "it cuts the fraction off (Web IDL: [Clamp] rounds)",
    result: [
      ["open", 2],
      ["close", 3001, "", true, 3],
    ],
  },
  "closes with a reason alone": {
    because: "it takes undefined for 0 (Web IDL: it counts as absent)",
    result: [
      ["InvalidAccessError", expect.stringContaining("0 is neither")],
      [
        ["open", 2],
        ["close", 1005, "", true, 3],
      ],
    ],
  },
};

const scenarios = Object.keys(SCENARIOS);

/** Runs a scenario in this process. Its result is compared as that of a page arrives: as JSON. */
async function run(name: string, url: string, Class: unknown): Promise<unknown> {
  const result: unknown = await SCENARIOS[name]?.(Class as PageWebSocket, url, follow);
  return JSON.parse(JSON.stringify(result));
}

function compare(
  name: string,
  theirs: unknown,
  ours: unknown,
  differences: Readonly<Record<string, Difference>>,
): void {
  const difference = differences[name];
  if (difference === undefined) expect(ours).toEqual(theirs);
  else if (difference.result !== undefined) expect(theirs, difference.because).toEqual(difference.result);
}

it.each([
  ["undici", UNDICI],
  ["Chromium", CHROMIUM],
])("every difference of %s is about a scenario that exists", (_, differences) => {
  expect(Object.keys(differences).filter((name) => !scenarios.includes(name))).toEqual([]);
});

for (const [server, start] of Object.entries(PEERS)) {
  describe(`with a server of ${server}, as in undici: a WebSocket`, () => {
    it.each(scenarios)("%s", async (name) => {
      const url = await start();
      const [theirs, ours] = await Promise.all([run(name, url, UndiciWebSocket), run(name, url, WebSocket)]);
      compare(name, theirs, ours, UNDICI);
    });
  });
}

describeWithPart("chromium", "in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: chromiumPath(),
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    });
  }, 60_000);

  afterAll(() => browser.close());

  for (const [server, start] of Object.entries(PEERS)) {
    describe(`with a server of ${server}, as in Chromium: a WebSocket`, () => {
      it.each(scenarios)("%s", async (name) => {
        const url = await start();
        const { port } = await serveHttp();
        const page = await browser.newPage();
        try {
          await page.goto(`http://127.0.0.1:${port}/`);
          const call = `(${SCENARIOS[name]})(WebSocket, ${JSON.stringify(url)}, ${follow})`;
          const theirs: unknown = await page.evaluate(`Promise.resolve(${call}).then(JSON.stringify)`);
          compare(name, JSON.parse(String(theirs)), await run(name, url, WebSocket), CHROMIUM);
        } finally {
          await page.close();
        }
      });
    });
  }
});
