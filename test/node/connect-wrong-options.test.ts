import { Agent } from "node:http";
import { createServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { Connection, type ConnectOptions, connect } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { echo, message, open, serve } from "../support/servers.ts";

const call = connect as (...args: unknown[]) => Promise<Connection>;
/** Nobody listens there: whatever gets as far as a socket fails in another way. */
const URL_OF_NOBODY = "ws://127.0.0.1:1/";

async function failure(...args: unknown[]): Promise<unknown> {
  return call(URL_OF_NOBODY, ...args).then(
    () => "it connected",
    (error: unknown) => error,
  );
}

describe("the URL of connect()", () => {
  test.each<[unknown, string]>([
    [undefined, "undefined"],
    [null, "null"],
    [5, "5"],
    [{}, "an object"],
    [["ws://127.0.0.1:1/"], "an array"],
    [{ url: "ws://127.0.0.1:1/" }, "an object"],
  ])("the URL of connect() must not be %o", async (url, shown) => {
    const error = await call(url).catch((reason: unknown) => reason);
    const message = `the URL for connect() must be a string or a URL, not ${shown}`;
    expect(error).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });

  test("the URL of connect() may be a URL of another class", async () => {
    const { href } = new URL(URL_OF_NOBODY);
    await expect(call({ href, toString: () => href })).rejects.toMatchObject({ code: "CONNECTION_REFUSED" });
  });
});

describe("the second argument of connect()", () => {
  test.each<[unknown, string]>([
    [null, "null"],
    ["chat", '"chat": use protocols, as in connect(url, { protocols })'],
    [["chat"], "an array: use protocols, as in connect(url, { protocols })"],
    [() => {}, "a function: connect() returns a promise and takes no callback"],
    [5, "5"],
    [new Headers({ A: "b" }), "a Headers object"],
    [AbortSignal.abort(), "an AbortSignal object"],
  ])("the second argument of connect() must not be %o", async (options, shown) => {
    const message = `the options of connect() must be an object, not ${shown}`;
    expect(await failure(options)).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });

  test("the second argument of connect() must not be an agent or another event emitter", async () => {
    const message = "the options of connect() must be an object, not an Agent object";
    expect(await failure(new Agent())).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });

  test("connect() takes no third argument, neither protocols nor a callback", async () => {
    const message = /^connect\(\) takes a URL and one object of options, no third argument/;
    expect(await failure({}, {})).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", message));
    expect(await failure(undefined, () => {})).toEqual(argumentError(TypeError, "ARGUMENT_INVALID", message));
    expect(await failure({}, undefined)).toMatchObject({ name: "ConnectError" });
  });
});

describe("an option of connect()", () => {
  test.each([
    ["protocol", "use protocols"],
    ["subprotocols", "use protocols"],
    ["rejectUnauthorized", "use tls: { rejectUnauthorized }"],
    ["ca", "use tls: { ca }"],
    ["servername", "use tls: { servername }"],
    ["origin", "use headers: { Origin }"],
    ["auth", "use headers: { Authorization }"],
    ["timeout", "use handshakeTimeout"],
    ["agent", "sockets are opened by node:net and node:tls"],
    ["dispatcher", "sockets are opened by node:net and node:tls"],
    ["followRedirects", "redirects are not followed"],
    ["path", "it is part of the URL"],
    ["port", "it is part of the URL"],
    ["authenticate", "it is an option of WebSocketServer, not of connect()"],
    ["noServer", "it is an option of WebSocketServer, not of connect()"],
    ["headrs", 'did you mean "headers"?'],
    ["singal", 'did you mean "signal"?'],
    ["handshakeTimout", 'did you mean "handshakeTimeout"?'],
    ["foo", "the options are maxPayload, "],
  ])("an option of connect() is not called %s", async (name, advice) => {
    const error = await failure({ [name]: "x" });
    const start = new RegExp(`^"${name}" is not an option of connect\\(\\): `);
    expect(error).toEqual(argumentError(TypeError, "OPTION_UNKNOWN", start));
    expect((error as Error).message).toContain(advice);
  });

  test.each<[object, RegExp]>([
    [{ protocols: 5 }, /^protocols must be a subprotocol or a list of them, not 5$/],
    [{ protocols: "a, b" }, /^protocols must be tokens .* "a, b" is not: use \["a", "b"\]$/],
    [{ signal: 5 }, /^signal must be an AbortSignal, not 5$/],
    [
      { signal: new AbortController() },
      /^signal must be an AbortSignal, not an AbortController object: use its signal$/,
    ],
    [{ tls: true }, /^tls must be an object of options of tls\.connect\(\) .* not true$/],
    [{ tls: null }, /^tls must be .* not null$/],
    [{ tls: Promise.resolve({}) }, /^tls must be .* not a Promise object$/],
    [{ tls: { checkServerIdentity: 5 } }, /^tls\.checkServerIdentity must be a function, not 5$/],
    [{ handshakeTimeout: "1s" }, /^handshakeTimeout must be a whole number from 1 to 2147483647, not "1s"$/],
    [{ concurrent: 1 }, /^concurrent must be true or false, not 1$/],
    [{ maxPayload: "1MB" }, /^maxPayload must be a whole number from 1 to \d+, not "1MB"$/],
    [{ maxHeaders: null }, /^maxHeaders must be a whole number from 1 to \d+, not null$/],
    [{ extensions: [{ name: "mine", rsv: 0 }] }, /^offers of the extension "mine" must be a function, not undefined$/],
  ])("an option of connect() must not be %o", async (options, message) => {
    expect(await failure(options)).toEqual(argumentError(TypeError, "OPTION_INVALID", message));
  });

  test.each<[unknown, RegExp]>([
    ["Cookie: a=b", /^headers must be an object, a Map, a list of pairs or a Headers object, not a string$/],
    [5, /^headers must be .* not 5$/],
    [Promise.resolve({}), /^headers must be .* not a Promise object$/],
    [["Cookie", "a=b"], /^each item of a list of headers must be a pair \[name, value\], not a string$/],
    [{ "Cookie: a=b": "" }, /^"Cookie:..." is not the name of a header field$/],
    [{ "X-A": 5 }, /^the value of the header field X-A must be a string or a list of strings, not 5$/],
    [{ "X-A": undefined }, /^the value of the header field X-A must be .* not undefined$/],
  ])("the option headers of connect() must not be %o", async (headers, message) => {
    expect(await failure({ headers })).toEqual(argumentError(TypeError, "HEADER_INVALID", message));
  });

  test("the option signal of connect() must have the methods that are called on it", async () => {
    const signal = { aborted: false, addEventListener() {} };
    const message = "signal must be an AbortSignal, not an object";
    expect(await failure({ signal })).toEqual(argumentError(TypeError, "OPTION_INVALID", message));
  });

  test("an invalid option of connect() opens no socket", async () => {
    let sockets = 0;
    const server = createServer(() => sockets++).listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once("listening", resolve));
    const { port } = server.address() as { port: number };
    for (const options of [{ foo: 1 }, { protocols: 5 }, { headers: 5 }, { headers: { Host: "a b" } }, null]) {
      await expect(call(`ws://127.0.0.1:${port}`, options)).rejects.toBeInstanceOf(TypeError);
    }
    expect(sockets).toBe(0);
  });

  test("an undefined option of connect() is absent, whether it is known or not", async () => {
    const { server, url } = await serve();
    echo(server);
    const options = { protocols: undefined, headers: undefined, signal: undefined, agent: undefined };
    const connection = await open(url, options as ConnectOptions);
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
  });
});

test("an application cannot make a Connection", () => {
  const Made = Connection as unknown as new (...args: unknown[]) => Connection;
  const message = "connections are not made by new Connection(): connect() and WebSocketServer make them";
  for (const args of [[], [URL_OF_NOBODY], [URL_OF_NOBODY, "chat"], [URL_OF_NOBODY, [], {}]]) {
    expect(() => new Made(...args)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
  }
});
