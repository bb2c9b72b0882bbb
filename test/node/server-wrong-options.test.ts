import { EventEmitter, once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer } from "node:http2";
import { createServer as createTcpServer } from "node:net";
import { beforeAll, describe, expect, it, onTestFinished, test } from "vitest";
import { permessageDeflate } from "../../src/extensions/index.ts";
import { type Extension, WebSocketServer, type WebSocketServerOptions } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { type Certificate, makeCertificate } from "../support/certificate.ts";
import { closed, echo, message, open, serve } from "../support/servers.ts";

function make(options: unknown, ...further: unknown[]): WebSocketServer {
  const Server = WebSocketServer as unknown as new (...args: unknown[]) => WebSocketServer;
  const server = new Server(options, ...further);
  server.on("error", () => {});
  onTestFinished(() => server.close({ timeout: 0 }));
  return server;
}

const beside = (options: object) => () => make({ noServer: true, ...options });

describe("a WebSocketServer's options", () => {
  test.each<[unknown, string]>([
    [undefined, "undefined: give one of port, server and noServer"],
    [null, "null"],
    [8080, "8080: use { port }"],
    ["8080", '"8080"'],
    [[], "an array"],
    [() => {}, "a function"],
    [Promise.resolve({ port: 0 }), "a Promise object"],
  ])("a WebSocketServer's options must not be %o", (options, shown) => {
    const message = `the options of WebSocketServer must be an object, not ${shown}`;
    expect(() => make(options)).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
  });

  test("a WebSocketServer's options must not be an HTTP server or another event emitter", () => {
    const message = "the options of WebSocketServer must be an object, not";
    const expected = (end: string) => argumentError(TypeError, "ARGUMENT_INVALID", `${message} ${end}`);
    expect(() => make(createHttpServer())).toThrow(expected("a Server object: use { server }"));
    expect(() => make(new EventEmitter())).toThrow(expected("an EventEmitter object"));
  });

  test.each([
    ["authentcate", 'did you mean "authenticate"?'],
    ["orgins", 'did you mean "origins"?'],
    ["maxpayload", 'did you mean "maxPayload"?'],
    ["perMessageDefalte", 'did you mean "perMessageDeflate"?'],
    ["verifyClient", "use authenticate"],
    ["verifyClinet", "use authenticate"],
    ["handleProtocols", "use protocols"],
    ["subprotocols", "use protocols"],
    ["clientTracking", "server.connections"],
    ["WebSocket", 'in the listener of "connection"'],
    ["cors", "use origins"],
    ["httpServer", "use server"],
    ["rejectUnauthorized", "use tls: { rejectUnauthorized }"],
    ["cert", "use tls: { cert }"],
    ["timeout", "use handshakeTimeout"],
    ["maxHttpBufferSize", "use maxPayload"],
    ["idleTimeOut", 'did you mean "idleTimeout"?'],
    ["signal", "it is an option of connect(), not of WebSocketServer: use server.close()"],
    ["concurrent", "it is an option of connect(), not of WebSocketServer"],
    ["foo", "the options are maxPayload, "],
  ])("a WebSocketServer's options must not have %s, which would let everybody in or do nothing", (name, advice) => {
    const start = `"${name}" is not an option of WebSocketServer: `;
    const make = beside({ [name]: () => false });
    expect(make).toThrow(argumentError(TypeError, "OPTION_UNKNOWN", new RegExp(`^${start}`)));
    expect(make).toThrow(advice);
  });

  test("a WebSocketServer's options may have an unknown name if its value is undefined", () => {
    expect(beside({ verifyClient: undefined })).not.toThrow();
  });

  test("a WebSocketServer's options may come from a class, whose methods are called as its own", async () => {
    class Options {
      readonly port = 0;
      readonly host = "127.0.0.1";
      readonly #users = new Map([["/ada", "Ada"]]);
      authenticate({ url }: { url: string }): string | undefined {
        return this.#users.get(url);
      }
    }
    const server = make(new Options());
    await once(server, "listening");
    const url = `ws://127.0.0.1:${server.address().port}`;
    server.on("connection", (connection) => connection.send(String(connection.auth)));
    expect(await message(await open(`${url}/ada`))).toBe("Ada");
    await expect(open(`${url}/bob`)).rejects.toMatchObject({ response: { status: 401 } });
  });

  test("a WebSocketServer's options cannot be changed after the check", async () => {
    const options = { origins: ["https://a.example"], maxPayload: 10, path: "/chat" };
    const { server, url } = await serve(options);
    echo(server);
    options.origins[0] = "https://b.example";
    Object.assign(options, { maxPayload: "no number", path: "/other", authenticate: () => false });
    const connection = await open(`${url}/chat`, { headers: { Origin: "https://a.example" } });
    connection.send("0123456789a");
    expect((await closed(connection))[0]).toBe(1009);
  });

  test("a WebSocketServer's options must not be followed by a callback, as in ws, since it would never be called", () => {
    const message = /takes only options, no callback: use server\.on\("listening"/;
    expect(() => make({ port: 0 }, () => {})).toThrow(argumentError(TypeError, "ARGUMENT_INVALID", message));
    expect(() => make({ noServer: true }, undefined)).not.toThrow();
  });

  const http = createHttpServer();

  test.each<[object, RegExp]>([
    [{ port: 0, server: http }, /^give exactly one of port, server and noServer, not 2/],
    [
      { server: http, tls: {} },
      /^tls goes with port, not with server or noServer: give it to the http\.Server or https/,
    ],
    [{ server: http, host: "127.0.0.1" }, /^host goes with port/],
    [{ noServer: true, backlog: 5 }, /^backlog goes with port/],
    [{ port: null }, /^port must be a whole number from 0 to 65535, not null$/],
    [{ port: "80" }, /^port must be a whole number from 0 to 65535, not "80"$/],
    [{ port: 0, host: "" }, /^host must be a string that is not empty, not ""$/],
    [{ port: 0, host: 5 }, /^host must be .* not 5$/],
    [{ port: 0, backlog: "many" }, /^backlog must be a whole number from 1 to 2147483647, not "many"$/],
    [{ noServer: "yes" }, /^noServer must be true or false, not "yes"$/],
  ])("a WebSocketServer's options must not be %o", (options, message) => {
    expect(() => make(options)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
    expect(http.listenerCount("upgrade")).toBe(0);
  });

  test.each<[object, RegExp]>([
    [{ maxHeadBytes: "5" }, /^maxHeadBytes must be a whole number from 1 .* not "5"$/],
    [{ handshakeTimeout: "1s" }, /^handshakeTimeout must be a whole number from 1 to 2147483647, not "1s"$/],
    [{ authenticate: true }, /^authenticate must be a function, not true$/],
    [{ headers: { A: "b" } }, /^headers must be a function .* not an object: use headers: \(\) => headers$/],
    [{ path: "/\u00fc" }, /^path must be .* use "\/%C3%BC"$/],
    [{ origins: ["https://a.example/"] }, /^origins has .* did you mean "https:\/\/a\.example"\?$/],
    [{ protocols: "chat" }, /^protocols must be a list or a function, not "chat": use \["chat"\]$/],
    [{ overflow: "wait" }, /^overflow must be "close" or "drop", not "wait"$/],
    [{ perMessageDeflate: "yes" }, /^perMessageDeflate must be true, false or an object of options, not "yes"$/],
    [{ perMessageDeflate: null }, /^perMessageDeflate must be .* not null$/],
    [{ perMessageDeflate: [] }, /^perMessageDeflate must be .* not an array$/],
    [{ perMessageDeflate: { level: "6" } }, /^perMessageDeflate\.level must be a whole number from 0 to 9, not "6"$/],
    [{ extensions: "permessage-deflate" }, /^extensions must be a list of extensions, not "permessage-deflate"$/],
    [{ extensions: [permessageDeflate] }, /^each of extensions must be an object .* not a function$/],
    [{ extensions: [null] }, /^each of extensions must be .* not null$/],
  ])("a WebSocketServer's options must not have %o", (options, message) => {
    expect(beside(options)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  test.each(["offers", "answer", "agree"])(
    "a WebSocketServer's options must not have an extension without %s()",
    (method) => {
      const extension: Extension = { name: "mine", rsv: 0, offers: () => [[]], answer: () => null, agree: () => "no" };
      expect(beside({ extensions: [extension] })).not.toThrow();
      const message = `${method} of the extension "mine" must be a function, not undefined`;
      expect(beside({ extensions: [{ ...extension, [method]: undefined }] })).toThrow(
        argumentError(TypeError, "OPTION_INVALID", message),
      );
    },
  );

  test("a WebSocketServer's options must not have options of ws for compression", () => {
    expect(beside({ perMessageDeflate: { zlibDeflateOptions: { level: 6 } } })).toThrow(
      argumentError(
        TypeError,
        "OPTION_UNKNOWN",
        /^"zlibDeflateOptions" is not an option of perMessageDeflate: use level/,
      ),
    );
    expect(beside({ perMessageDeflate: { server_no_context_takeover: true } })).toThrow(
      argumentError(TypeError, "OPTION_UNKNOWN", /did you mean "serverNoContextTakeover"\?$/),
    );
  });
});

describe("the option server", () => {
  /** What a server of another package may have in common with an http.Server. */
  const duck = (): object => {
    const events = new EventEmitter();
    const on = events.on.bind(events);
    return { on, off: events.off.bind(events), listenerCount: events.listenerCount.bind(events), address: () => null };
  };

  test.each<[string, unknown, RegExp]>([
    ["an Express application", Object.assign(() => {}, duck()), /not a function: pass .* http\.createServer\(app\)$/],
    ["a Koa application", { ...duck(), address: undefined, callback() {} }, /http\.createServer\(app\.callback\(\)\)$/],
    ["a Nest application", { getHttpServer() {} }, /pass app\.getHttpServer\(\)$/],
    ["a Fastify instance", { server: createHttpServer() }, /pass its property server$/],
    ["an EventEmitter", new EventEmitter(), /not an EventEmitter object$/],
    ["a net.Server", createTcpServer(), /not a Server object: it never emits "upgrade"/],
    ["a WebSocketServer", new WebSocketServer({ noServer: true }), /pass the http\.Server that it is attached to$/],
    ["an HTTP/2 server", createHttp2Server(), /WebSockets over HTTP\/2 come in a later version$/],
    ["a port", 80, /not 80: use port$/],
    ["null", null, /not null$/],
    ["a string", "localhost", /not "localhost"$/],
  ])("the option server must not be %s, which would never connect", (_, server, message) => {
    expect(() => make({ server })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^server must be an http\.Server/),
    );
    expect(() => make({ server })).toThrow(message);
  });

  test("the option server must not be a secure HTTP/2 server either", async () => {
    const server = createSecureServer(await makeCertificate());
    expect(() => make({ server })).toThrow(/HTTP\/2 come in a later version$/);
  });

  test("the option server may be one that does not listen yet, or that only looks like one", () => {
    expect(() => make({ server: createHttpServer() })).not.toThrow();
    expect(() => make({ server: duck() as HttpServer })).not.toThrow();
  });
});

describe("the option tls", () => {
  let certificate: Certificate;

  beforeAll(async () => {
    certificate = await makeCertificate();
  });

  const listen = (tls: unknown) => () => make({ port: 0, host: "127.0.0.1", tls } as WebSocketServerOptions);

  it.each<[unknown, RegExp]>([
    [true, /^tls must be an object with key and cert, pfx or SNICallback, not true$/],
    [null, /^tls must be .* not null$/],
    [[], /^tls must be .* not an array$/],
    [{}, /^tls lacks key and cert, pfx or SNICallback: without a certificate no client can connect$/],
    [{ key: [], cert: "" }, /^tls lacks key and cert/],
    [{ requestCert: true }, /^tls lacks key and cert/],
    [{ key: "garbage", cert: "garbage" }, /^tls cannot be used: .*(?:PEM|DECODER)[^\n]*$/],
    [{ pfx: Buffer.from("garbage") }, /^tls cannot be used: [^\n]*$/],
  ])("the option tls must not be %o, with which no client could connect", (tls, message) => {
    expect(listen(tls)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  it("the option tls must not have a key without a certificate, or a certificate without a key", () => {
    const { key, cert } = certificate;
    expect(listen({ key })).toThrow(/^tls lacks cert: /);
    expect(listen({ cert })).toThrow(/^tls lacks key: /);
  });

  it.each<[object, RegExp]>([
    [{ SNICallback: 5 }, /^tls cannot be used: .*SNICallback/],
    [{ SNICallback: () => {}, handshakeTimeout: "1s" }, /^tls cannot be used: .*handshakeTimeout/],
    [{ SNICallback: () => {}, minVersion: "TLSv9" }, /^tls cannot be used: .*TLSv9/],
  ])("the option tls must not be %o, which node rejects with an error of its own", (tls, message) => {
    expect(listen(tls)).toThrow(argumentError(TypeError, "OPTION_INVALID", message));
  });

  it("the option tls may be an object of a class that has key and cert as accessors", async () => {
    const { key, cert } = certificate;
    class Config {
      get key() {
        return key;
      }
      get cert() {
        return cert;
      }
    }
    const { url } = await serve({ tls: new Config() });
    expect((await open(url, { tls: { ca: cert } })).readyState).toBe(1);
  });

  it("the option tls may have key and cert in lists, or an SNICallback alone", () => {
    const { key, cert } = certificate;
    expect(listen({ key: [key], cert: [cert] })).not.toThrow();
    expect(listen({ SNICallback: () => {} })).not.toThrow();
  });
});
