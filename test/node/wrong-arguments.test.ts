/**
 * Calls that are wrong by themselves, over real sockets: each throws, and leaves the connection or the server as it
 * was.
 */
import { once } from "node:events";
import { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { limitDeflateContexts, permessageDeflate } from "../../src/extensions/index.ts";
import { type Connection, PreparedMessage, prepare, type WebSocketServer } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { echo, message, open, serve } from "../support/servers.ts";

/** The methods with whatever arguments. */
type Loose<Of> = {
  [Name in keyof Of]: Of[Name] extends (...args: never[]) => unknown ? (...args: unknown[]) => unknown : Of[Name];
};

interface Meeting {
  readonly server: Loose<WebSocketServer>;
  readonly client: Loose<Connection>;
  readonly peer: Connection;
}

async function meet(perMessageDeflate = false): Promise<Meeting> {
  const { server, url } = await serve({ perMessageDeflate });
  const connected = once(server, "connection") as Promise<[Connection]>;
  const client = await open(url, { perMessageDeflate });
  const [peer] = await connected;
  return { server: server as unknown as Loose<WebSocketServer>, client: client as unknown as Loose<Connection>, peer };
}

type Call = [what: string, call: (meeting: Meeting) => unknown, message: RegExp];
const nothing = () => {};

describe.each([
  ["without compression", false],
  ["with compression", true],
])("a connection %s", (_, compressed) => {
  test.each<Call>([
    [
      "send(data, callback)",
      ({ client }) => client.send("x", nothing),
      /^the options of send\(\) .* no callback: it ret/,
    ],
    [
      "send(data, {}, callback)",
      ({ client }) => client.send("x", {}, nothing),
      /^send\(\) takes no callback: .* "drain"/,
    ],
    [
      "send(data, undefined, callback)",
      ({ client }) => client.send("x", undefined, nothing),
      /^send\(\) takes no callb/,
    ],
    [
      "send(data, null)",
      ({ client }) => client.send("x", null),
      /^the options of send\(\) must be an object, not null$/,
    ],
    ["send(data, true)", ({ client }) => client.send("x", true), /not true: use \{ compress \}$/],
    [
      "send(data, [])",
      ({ client }) => client.send("x", []),
      /^the options of send\(\) must be an object, not an array$/,
    ],
    ["send(5)", ({ client }) => client.send(5), /^data must be a string, an ArrayBuffer or a view of one, not 5$/],
    ["send({})", ({ client }) => client.send({}), /^data must be .* not an object$/],
    ["send(blob)", ({ client }) => client.send(new Blob([])), /^data must be .* not a Blob object$/],
    [
      "ping(callback)",
      ({ client }) => client.ping(nothing),
      /^data must be .* not a function, and no callback is taken$/,
    ],
    [
      "ping(data, mask)",
      ({ client }) => client.ping("", true),
      /^ping\(\) takes only a payload: no mask, and no callba/,
    ],
    ["ping(data, mask, callback)", ({ client }) => client.ping("", false, nothing), /^ping\(\) takes only a payload/],
    [
      "ping(data, undefined, callback)",
      ({ client }) => client.ping("", undefined, nothing),
      /^ping\(\) takes only a payload/,
    ],
    ["pong(data, callback)", ({ client }) => client.pong("", nothing), /^pong\(\) takes only a payload/],
    ["pong(null)", ({ client }) => client.pong(null), /^data must be .* not null$/],
    ["close(string)", ({ client }) => client.close("1000"), /^a close code must be a number, not "1000"$/],
    ["close(1000, 5)", ({ client }) => client.close(1000, 5), /^a close reason must be a string, not 5$/],
    ["close(1000, null)", ({ client }) => client.close(1000, null), /^a close reason must be a string, not null$/],
    [
      "close(callback)",
      ({ client }) => client.close(nothing),
      /not a function: close\(\) takes no callback, "close" is em/,
    ],
    ["close(code, reason, callback)", ({ client }) => client.close(1000, "bye", nothing), /^close\(\) .* no callback/],
  ])("a connection throws at %s and goes on", async (_what, call, text) => {
    const meeting = await meet(compressed);
    expect(() => call(meeting)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", text));
    const received = message(meeting.peer);
    meeting.client.send("still open");
    expect(await received).toBe("still open");
  });

  test("a connection throws at options of send() that are unknown or invalid, and goes on", async () => {
    const { client, peer } = await meet(compressed);
    for (const [options, text] of [
      [{ compres: true }, /^"compres" is not an option of send\(\): did you mean "compress"\?$/],
      [{ binary: true }, /^"binary" is not an option of send\(\): a string is sent as text, bytes are sent as binary$/],
      [{ fin: false }, /^"fin" is not an option of send\(\): every call sends a whole message$/],
    ] as const) {
      expect(() => client.send("x", options)).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", text));
    }
    for (const compress of [1, "yes", null]) {
      expect(() => client.send("x", { compress })).toThrow(
        argumentError(TypeError, "OPTION_INVALID", /^compress must be true or false, not /),
      );
    }
    const received = message(peer);
    client.send("still open", { compress: undefined, other: undefined });
    expect(await received).toBe("still open");
  });
});

describe("a server", () => {
  test.each<Call>([
    [
      "close(null)",
      ({ server }) => server.close(null),
      /^the options of server\.close\(\) must be an object, not null$/,
    ],
    [
      "close(callback)",
      ({ server }) => server.close(nothing),
      /not a function: it takes no callback, but returns a promise/,
    ],
    [
      "close({}, callback)",
      ({ server }) => server.close({}, nothing),
      /^server\.close\(\) takes only options: it takes no/,
    ],
    ["close(milliseconds)", ({ server }) => server.close(500), /not 500: use \{ timeout \}$/],
    ["close(signal name)", ({ server }) => server.close("SIGTERM"), /not "SIGTERM"$/],
    [
      "broadcast(data, null)",
      ({ server }) => server.broadcast("x", null),
      /^the options of server\.broadcast\(\) .* not null$/,
    ],
    ["broadcast(data, connection)", ({ server, peer }) => server.broadcast("x", peer), /use \{ except \}$/],
    ["broadcast(data, [connection])", ({ server, peer }) => server.broadcast("x", [peer]), /use \{ except \}$/],
    ["broadcast(data, Set)", ({ server, peer }) => server.broadcast("x", new Set([peer])), /use \{ except \}$/],
    ["broadcast(data, callback)", ({ server }) => server.broadcast("x", nothing), /it takes no callback/],
    ["broadcast(data, {}, callback)", ({ server }) => server.broadcast("x", {}, nothing), /it takes no callback/],
    ["broadcast(5)", ({ server }) => server.broadcast(5), /^data must be .* not 5$/],
    [
      "handleUpgrade()",
      ({ server }) => server.handleUpgrade(),
      /^the request for handleUpgrade\(\) must be .* not undefined$/,
    ],
    [
      "handleUpgrade(a Request of fetch)",
      ({ server }) => server.handleUpgrade(new Request("http://localhost/"), new Socket(), Buffer.alloc(0)),
      /must be the IncomingMessage of an http\.Server, not a Request object$/,
    ],
    [
      "handleUpgrade(request, response)",
      ({ server }) => server.handleUpgrade({ rawHeaders: [] }, {}, Buffer.alloc(0)),
      /^the socket for handleUpgrade\(\) must be .* not an object$/,
    ],
    [
      "handleUpgrade(request, socket)",
      ({ server }) => server.handleUpgrade({ rawHeaders: [] }, new Socket()),
      /^the head for handleUpgrade\(\) must be the Buffer that "upgrade" is emitted with, not undefined$/,
    ],
    [
      "handleUpgrade(request, socket, head, callback)",
      ({ server }) => server.handleUpgrade({ rawHeaders: [] }, new Socket(), Buffer.alloc(0), nothing),
      /^handleUpgrade\(\) takes no callback: use the event "connection"/,
    ],
  ])("a server throws at %s and goes on", async (_what, call, text) => {
    const meeting = await meet();
    expect(() => call(meeting)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", text));
    const received = message(meeting.client as unknown as Connection);
    meeting.server.broadcast("still open");
    expect(await received).toBe("still open");
  });

  test.each<[object, RegExp]>([
    [{ except: null }, /^except must be a connection, or any number of them in a list or a Set, not null$/],
    [{ except: "somebody" }, /^except must be .* not "somebody"$/],
    [{ except: ["somebody"] }, /^each of except must be a connection, not "somebody"$/],
    [{ except: [undefined] }, /^each of except must be a connection, not undefined$/],
    [{ except: {} }, /^except must be .* not an object$/],
  ])("a server sends nothing at broadcast(data, %o)", async (options, text) => {
    const { server, client } = await meet();
    expect(() => server.broadcast("wrong", options)).toThrow(argumentError(TypeError, "OPTION_INVALID", text));
    const received = message(client as unknown as Connection);
    server.broadcast("right");
    expect(await received).toBe("right");
  });

  test("a server throws at options of close() and broadcast() that are unknown or invalid, and goes on", async () => {
    const { server, url } = await serve();
    echo(server);
    const loose = server as unknown as Loose<WebSocketServer>;
    expect(() => loose.close({ timeot: 5 })).toThrow(
      argumentError(TypeError, "OPTION_UNKNOWN", /did you mean "timeout"/),
    );
    expect(() => loose.close({ timeout: "5" })).toThrow(argumentError(TypeError, "OPTION_INVALID", /^timeout must be/));
    expect(() => loose.close({ timeout: -1 })).toThrow(argumentError(RangeError, "OPTION_INVALID", /^timeout must be/));
    expect(() => loose.broadcast("x", { compress: true })).toThrow(
      argumentError(TypeError, "OPTION_UNKNOWN", /use prepare\(data, \{ compress \}\)$/),
    );
    const connection = await open(url);
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
  });
});

describe("prepare()", () => {
  const loose = prepare as (...args: unknown[]) => unknown;

  test.each<[unknown[], RegExp]>([
    [["x", null], /^the options of prepare\(\) must be an object, not null$/],
    [["x", nothing], /not a function: prepare\(\) returns at once, and takes no callback$/],
    [["x", {}, nothing], /^prepare\(\) returns at once, and takes no callback$/],
    [[5], /^data must be .* not 5$/],
  ])("prepare() throws at %o", (args, text) => {
    expect(() => loose(...args)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", text));
  });

  test("prepare() throws at an unknown option, and prepared messages cannot be made otherwise", () => {
    expect(() => loose("x", { compres: true })).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", /"compress"\?$/));
    const Made = PreparedMessage as unknown as new (...args: unknown[]) => PreparedMessage;
    const text = "prepared messages are made by prepare()";
    expect(() => new Made("x")).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", text));
    expect(() => new Made("x", {})).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", text));
  });
});

describe("limitDeflateContexts() and permessageDeflate()", () => {
  test.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^the options of limitDeflateContexts\(\) must be an object, not undefined$/],
    ["a number", 5, /not 5$/],
    ["an unknown limit", { maxDeflater: 5 }, /^"maxDeflater" is not an option .* did you mean "maxDeflaters"\?$/],
    ["a limit in a string", { maxDeflaters: "5" }, /^maxDeflaters must be a whole number from 1 .* not "5"$/],
  ])("limitDeflateContexts() and permessageDeflate() throw at %s", (_, limits, text) => {
    expect(() => limitDeflateContexts(limits as object)).toThrow(argumentError(TypeError, expect.any(String), text));
  });

  test("limitDeflateContexts() and permessageDeflate() throw at options that are not an object", () => {
    for (const options of [null, true, [], "x"]) {
      expect(() => permessageDeflate(options as object)).toThrow(
        argumentError(TypeError, "ARGUMENT_INVALID", /^the options of perMessageDeflate must be an object, not /),
      );
    }
  });
});
