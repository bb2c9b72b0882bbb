/** A test environment such as jsdom replaces the global classes of events, before or after Tautline is loaded. */
import { once } from "node:events";
import { afterEach, describe, expect, it, vi } from "vitest";
import { serve } from "../support/servers.ts";

/** An event whose `isTrusted` cannot be changed, as in a page ("LegacyUnforgeable"). */
class ForeignEvent {
  readonly type: string;
  declare readonly isTrusted: boolean;

  constructor(type: string) {
    this.type = type;
    Object.defineProperty(this, "isTrusted", { get: () => false, configurable: false });
  }
}

class ForeignMessageEvent extends ForeignEvent {}

/** A target that node knows nothing of. */
class ForeignTarget {
  readonly #listeners: [string, (event: unknown) => void][] = [];

  addEventListener(type: string, listener: (event: unknown) => void): void {
    this.#listeners.push([type, listener]);
  }

  removeEventListener(): void {}

  dispatchEvent(event: unknown): boolean {
    if (!(event instanceof ForeignEvent)) throw new TypeError("not an event of this environment");
    for (const [type, listener] of this.#listeners) if (type === event.type) listener(event);
    return true;
  }
}

function replaceGlobals(): void {
  vi.stubGlobal("Event", ForeignEvent);
  vi.stubGlobal("EventTarget", ForeignTarget);
  vi.stubGlobal("MessageEvent", ForeignMessageEvent);
  vi.stubGlobal("CloseEvent", undefined);
}

/** What a conversation with a server that echoes looks like. */
async function conversation(url: string, WebSocket: typeof import("../../src/index.ts").WebSocket): Promise<unknown[]> {
  const socket = new WebSocket(url);
  const log: unknown[] = [];
  socket.addEventListener("open", () => socket.send("hello"));
  socket.onmessage = ({ data }) => {
    log.push(data);
    socket.close(1000, "done");
  };
  const [event] = await once(socket as EventTarget, "close");
  return [...log, event.code, event.reason];
}

async function echoing(): Promise<string> {
  const { server, url } = await serve();
  server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
  return url;
}

describe("a WebSocket in an environment with other classes of events", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it("fires its events at the EventTarget that it has found when it was loaded", async () => {
    const url = await echoing();
    vi.resetModules();
    replaceGlobals();
    const { WebSocket } = await import("../../src/index.ts");
    expect(new WebSocket(url)).toBeInstanceOf(ForeignTarget);
    expect(await conversation(url, WebSocket)).toEqual(["hello", 1000, "done"]);
  });

  it("goes on firing its events after the environment has replaced the classes", async () => {
    const url = await echoing();
    const { WebSocket } = await import("../../src/index.ts");
    replaceGlobals();
    expect(await conversation(url, WebSocket)).toEqual(["hello", 1000, "done"]);
  });
});
