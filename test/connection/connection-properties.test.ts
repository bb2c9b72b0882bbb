/**
 * The engine does not use what an application can reach: whatever is assigned to the properties of a connection or a
 * server, messages, pings, the closing handshake and the end of the server work.
 */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { ConnectionEmitter } from "../../src/connection/connection-emitter.ts";
import { Connection, connect, PreparedMessage, WebSocketServer } from "../../src/index.ts";
import { open } from "../support/connection-harness.ts";

const VALUES = [() => "replaced", null, 0, undefined] as const;
/** What node's EventEmitter keeps its listeners in: to replace it removes them, and only that. */
const LISTENERS = ["_events", "_eventsCount"];

/** Every name that can be read on an object, its own ones and inherited ones. */
function namesOf(object: object): readonly (string | symbol)[] {
  const names = new Set<string | symbol>();
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    for (const name of Reflect.ownKeys(at)) names.add(name);
  }
  return [...names];
}

/** Assigns the value as far as the property can be assigned. */
function assign(target: object, name: string | symbol, value: unknown): void {
  try {
    Reflect.set(target, name, value);
  } catch {
    // Some properties cannot be written.
  }
  if (Object.hasOwn(target, name)) return;
  // A getter without a setter is replaced by a property of the object itself.
  Reflect.defineProperty(target, name, { value, configurable: true, writable: true });
}

const { send, close, ping } = Connection.prototype;
const shutDown = WebSocketServer.prototype.close;

interface Breakage {
  readonly name: string | symbol;
  readonly value: unknown;
}

async function start(): Promise<{ server: WebSocketServer; url: string }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", closeTimeout: 2_000 });
  onTestFinished(() => shutDown.call(server, { timeout: 0 }));
  await once(server, "listening");
  return { server, url: `ws://127.0.0.1:${server.address().port}` };
}

/** What a client sees of a server's connection whose property was replaced. */
async function conversation({ name, value }: Breakage): Promise<unknown[]> {
  const { server, url } = await start();
  server.on("connection", (connection) => {
    connection.on("message", (data) => send.call(connection, data));
    assign(connection, name, value);
  });
  const client = await connect(url);
  client.send("echo");
  const seen: unknown[] = LISTENERS.includes(String(name)) ? ["echo"] : await once(client, "message");
  client.ping("alive?");
  const [payload] = await once(client, "pong");
  seen.push(String(payload));
  client.close(4000);
  await once(client, "close");
  seen.push(client.closeCode);
  const last = await connect(url);
  const closed = once(last, "close");
  await shutDown.call(server, { timeout: 2_000 });
  seen.push((await closed)[0], server.connections.size);
  return seen;
}

const sample = open().connection;

describe.each(namesOf(sample).map((name) => [String(name), name] as const))("a connection's %s", (_shown, name) => {
  test("can be replaced by anything", async () => {
    for (const value of VALUES) expect(await conversation({ name, value })).toEqual(["echo", "alive?", 4000, 1001, 0]);
  });
});

describe("a client's connection", () => {
  test("can have all of its properties replaced at once", async () => {
    for (const value of VALUES) {
      const { server, url } = await start();
      server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
      const client = await connect(url);
      const got = once(client, "message");
      const pong = once(client, "pong");
      const end = once(client, "close");
      for (const name of namesOf(client)) {
        if (!LISTENERS.includes(String(name)) && name !== "__proto__" && name !== "removeListener")
          assign(client, name, value);
      }
      send.call(client, "echo");
      expect(await got).toEqual(["echo"]);
      ping.call(client, "alive?");
      expect(String((await pong)[0])).toBe("alive?");
      close.call(client, 4000);
      expect((await end)[0]).toBe(4000);
      await shutDown.call(server);
    }
  });
});

describe("a server", () => {
  const names = namesOf(new WebSocketServer({ noServer: true })).filter((name) => !LISTENERS.includes(String(name)));

  test.each(names.map((name) => [String(name), name] as const))(
    "whose %s is replaced goes on",
    async (_shown, name) => {
      for (const value of VALUES) {
        const { server, url } = await start();
        server.on("connection", (connection) => connection.on("message", (data) => connection.send(data)));
        assign(server, name, value);
        const client = await connect(url);
        client.send("echo");
        expect(await once(client, "message")).toEqual(["echo"]);
        const closed = once(client, "close");
        await shutDown.call(server, { timeout: 2_000 });
        expect((await closed)[0]).toBe(1001);
      }
    },
  );
});

/** The text of all shipped declarations of the face. */
const declarations = readdirSync(join(import.meta.dirname, "../../dist/connection"))
  .filter((file) => file.endsWith(".d.ts"))
  .map((file) => readFileSync(join(import.meta.dirname, "../../dist/connection", file), "utf8"))
  .join("\n");

describe("on the prototype of", () => {
  test.each([
    ["Connection", Connection.prototype],
    ["ConnectionEmitter", ConnectionEmitter.prototype],
    ["WebSocketServer", WebSocketServer.prototype],
    ["PreparedMessage", PreparedMessage.prototype],
  ] as const)("%s each name is a public one: the shipped types declare it", (_name, prototype) => {
    const undeclared = Reflect.ownKeys(prototype).filter((name) => {
      if (name === "constructor") return false;
      const written =
        typeof name === "symbol" ? `\\[${String(name.description).replace("nodejs.", "Symbol.")}\\]` : name;
      return !new RegExp(`^    (get |readonly )?${written}[(<:?]`, "m").test(declarations);
    });
    expect(undeclared).toEqual([]);
  });
});
