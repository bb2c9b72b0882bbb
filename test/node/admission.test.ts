/** How requests are judged, over real sockets: by a server of its own and beside an http.Server. */
import { once } from "node:events";
import type { Duplex } from "node:stream";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type Connection,
  type Extension,
  type HandshakeOptions,
  refuse,
  type UpgradeRequest,
} from "../../src/index.ts";
import { byteByByte, EXAMPLE_KEY, frame, TEXT } from "../support/frames.ts";
import { SAMPLE_ACCEPT, SAMPLE_KEY } from "../support/heads.ts";
import { ask, openRaw, openWebSocket, parseResponse, upgrade } from "../support/raw-peer.ts";
import { attach, closed, echo, message, refusals, serve } from "../support/servers.ts";
import { watchUncaught } from "../support/uncaught.ts";

const OWN = "a server of its own";
const BESIDE = "a server beside an http.Server";
const places = [
  [OWN, serve],
  [BESIDE, attach],
] as const;

const text = (payload: string) => frame({ opcode: TEXT, payload, mask: EXAMPLE_KEY });
const masked = { mask: EXAMPLE_KEY };

interface BadRequest {
  readonly what: string;
  readonly bytes: string | Uint8Array;
  readonly code: string;
  readonly section: string;
  readonly status?: number;
  /** node's own parser may refuse it before us, without a word of ours. */
  readonly byNode?: true;
}

const READS = "RFC 6455 section 4.2.1";
const HOST = "RFC 9112 section 3.2";

const badRequests: readonly BadRequest[] = [
  { what: "HTTP/1.0", bytes: upgrade({}, "GET / HTTP/1.0"), code: "VERSION_UNSUPPORTED", section: READS },
  { what: "HTTP/2.0", bytes: upgrade({}, "GET / HTTP/2.0"), code: "VERSION_UNSUPPORTED", section: READS, byNode: true },
  {
    what: "Content-Length",
    bytes: `${upgrade({ "Content-Length": "5" })}hello`,
    code: "BODY_UNEXPECTED",
    section: READS,
  },
  {
    what: "Transfer-Encoding",
    bytes: `${upgrade({ "Transfer-Encoding": "chunked" })}0\r\n\r\n`,
    code: "BODY_UNEXPECTED",
    section: READS,
  },
  { what: "no Host", bytes: upgrade({ Host: null }), code: "HOST_MISSING", section: HOST },
  { what: "two Hosts", bytes: upgrade({ Host: ["a", "b"] }), code: "DUPLICATE_HOST", section: HOST },
  { what: "a Host with a path", bytes: upgrade({ Host: "a/b" }), code: "HOST_INVALID", section: HOST },
  { what: "an empty Host", bytes: upgrade({ Host: "" }), code: "HOST_INVALID", section: HOST },
  {
    what: "a folded line",
    bytes: upgrade({ "X-Folded": "a\r\n b" }),
    code: "FIELD_FOLDED",
    section: "RFC 9112 section 5.2",
    byNode: true,
  },
  {
    what: "a NUL",
    bytes: upgrade({ "X-Nul": "a\0b" }),
    code: "HEAD_BAD_BYTE",
    section: "RFC 9110 section 5.5",
    byNode: true,
  },
  {
    what: "a line feed alone",
    bytes: upgrade({ "X-Line": "a\nX-Other: b" }),
    code: "HEAD_BAD_BYTE",
    section: "RFC 9112 section 2.2",
    byNode: true,
  },
  {
    what: "a space before a colon",
    bytes: upgrade({ "X-Space ": "a" }),
    code: "FIELD_SPACE_BEFORE_COLON",
    section: "RFC 9112 section 5.1",
    byNode: true,
  },
  {
    what: "a request line of two words",
    bytes: upgrade({}, "GET /"),
    code: "REQUEST_LINE_INVALID",
    section: "RFC 9112 section 3",
    byNode: true,
  },
  {
    what: "a target that is none",
    bytes: upgrade({}, "GET * HTTP/1.1"),
    code: "TARGET_INVALID",
    section: HOST,
    byNode: true,
  },
  {
    what: "no token in Connection",
    bytes: upgrade({ Connection: "close" }),
    code: "CONNECTION_NOT_UPGRADE",
    section: READS,
    byNode: true,
  },
  { what: "no key", bytes: upgrade({ "Sec-WebSocket-Key": null }), code: "KEY_INVALID", section: READS },
  {
    what: "a key of 15 bytes",
    bytes: upgrade({ "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" }),
    code: "KEY_INVALID",
    section: READS,
  },
  {
    what: "a key that is no base64",
    bytes: upgrade({ "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA-_==" }),
    code: "KEY_INVALID",
    section: READS,
  },
  {
    what: "two keys",
    bytes: upgrade({ "Sec-WebSocket-Key": [SAMPLE_KEY, SAMPLE_KEY] }),
    code: "DUPLICATE_FIELD",
    section: "RFC 6455 section 11.3.1",
  },
  {
    what: "two versions",
    bytes: upgrade({ "Sec-WebSocket-Version": ["13", "13"] }),
    code: "DUPLICATE_FIELD",
    section: "RFC 6455 section 11.3.5",
  },
  {
    what: "a subprotocol twice",
    bytes: upgrade({ "Sec-WebSocket-Protocol": "chat, chat" }),
    code: "SUBPROTOCOLS_INVALID",
    section: "RFC 6455 section 4.1",
  },
  {
    what: "a subprotocol that is no token",
    bytes: upgrade({ "Sec-WebSocket-Protocol": "a b" }),
    code: "SUBPROTOCOLS_INVALID",
    section: "RFC 6455 section 4.1",
  },
  {
    what: "extensions that break the grammar",
    bytes: upgrade({ "Sec-WebSocket-Extensions": "foo; =bar" }),
    code: "EXTENSIONS_INVALID",
    section: "RFC 6455 section 9.1",
  },
  { what: "POST", bytes: upgrade({}, "POST / HTTP/1.1"), status: 405, code: "METHOD_NOT_GET", section: READS },
  {
    what: "version 8",
    bytes: upgrade({ "Sec-WebSocket-Version": "8" }),
    status: 426,
    code: "WEBSOCKET_VERSION_UNSUPPORTED",
    section: "RFC 6455 section 4.4",
  },
  {
    what: "no version",
    bytes: upgrade({ "Sec-WebSocket-Version": null }),
    status: 426,
    code: "WEBSOCKET_VERSION_UNSUPPORTED",
    section: "RFC 6455 section 4.4",
  },
  {
    what: "a foreign Origin",
    bytes: upgrade({ Origin: "https://evil.example" }),
    status: 403,
    code: "ORIGIN_FORBIDDEN",
    section: "RFC 6455 section 10.2",
  },
  {
    what: "the Origin null",
    bytes: upgrade({ Origin: "null" }),
    status: 403,
    code: "ORIGIN_FORBIDDEN",
    section: "RFC 6455 section 10.2",
  },
];

describe.each(places)("%s", (place, start) => {
  describe("refuses", () => {
    it.each(badRequests)(
      "a server refuses $what, with the reason and the section",
      async ({ bytes, code, section, status = 400, byNode }) => {
        const { server, port } = await start();
        const refused = refusals(server);
        const response = await ask(port, bytes);
        // Without the token in Connection a request is a plain one to node's server.
        if (place === BESIDE && byNode && code === "CONNECTION_NOT_UPGRADE") {
          expect(response.body).toContain("plain");
          return;
        }
        expect(response.status).toBe(status);
        expect(server.connections.size).toBe(0);
        if (place === BESIDE && byNode) return;
        expect(refused.map((error) => error.code)).toEqual([code]);
        expect(response.body).toContain(`(${section}).`);
        // What an Origin was compared with is not for the client.
        if (code !== "ORIGIN_FORBIDDEN") expect(response.body).toContain(refused[0]?.message);
        expect(response.headers["connection"]).toMatch(/\bclose$/);
      },
    );

    it("a server refuses POST, and names the method that is allowed", async () => {
      const { port } = await start();
      const { headers } = await ask(port, upgrade({}, "POST / HTTP/1.1"));
      expect(headers["allow"]).toBe("GET");
    });

    it.each([null, "12", "13, 13", "013", " "])(
      "a server refuses the version %j, and names the one that it supports",
      async (version) => {
        const { port } = await start();
        const response = await ask(port, upgrade({ "Sec-WebSocket-Version": version }));
        expect(response).toMatchObject({
          status: 426,
          headers: { "sec-websocket-version": "13", upgrade: "websocket" },
        });
        expect(response.headers["connection"]).toContain("Upgrade");
      },
    );

    it("a server refuses an Origin that its list does not have", async () => {
      const { port } = await start({ origins: ["https://good.example"] });
      expect((await ask(port, upgrade({ Origin: "https://server.example.com" }))).status).toBe(403);
      expect((await ask(port, upgrade({ Origin: "https://good.example.evil.example" }))).status).toBe(403);
      const { head } = await openWebSocket(port, { Origin: "https://GOOD.example" });
      expect(head).toContain("101");
    });

    it("a server refuses an Origin that its function rejects", async () => {
      const seen: string[] = [];
      const { port } = await start({
        origins: (origin, request) => {
          seen.push(`${origin} ${request.target}`);
          return origin.endsWith(".good.example");
        },
      });
      expect((await ask(port, upgrade({ Origin: "https://evil.example" }))).status).toBe(403);
      await openWebSocket(port, { Origin: "https://a.good.example" });
      expect(seen).toEqual(["https://evil.example /chat", "https://a.good.example /chat"]);
    });

    it.each<[string, HandshakeOptions<undefined>, string]>([
      ["the host of the request", {}, '"https://evil.example" is not of the request\'s host, "server.example.com"'],
      [
        "the list",
        { origins: ["https://a.example", "https://b.example"] },
        '"https://evil.example" is not one of ["https://a.example", "https://b.example"]',
      ],
      [
        "the function",
        { origins: () => false },
        'the function "origins" did not return true for "https://evil.example"',
      ],
    ])(
      "a server refuses a foreign Origin, and reports %s to the application and not to the client",
      async (_, options, detail) => {
        const { server, port } = await start(options);
        const refused = refusals(server);
        const { status, body } = await ask(port, upgrade({ Origin: "https://evil.example" }));
        expect(status).toBe(403);
        expect(body).toBe("the Origin is not allowed here (RFC 6455 section 10.2).\n");
        expect(refused.map(({ message }) => message)).toEqual([
          `the Origin is not allowed here: ${detail} (RFC 6455 section 10.2)`,
        ]);
      },
    );

    it("a server refuses a path that is not served with 404", async () => {
      const { server, port } = await start({ path: "/ws" });
      const refused = refusals(server);
      const response = await ask(port, upgrade({}, "GET /other HTTP/1.1"));
      expect(response.status).toBe(404);
      expect(response.body).toContain("no WebSocket is served at this path (RFC 6455 section 4.2.2)");
      await openWebSocket(port, {}, { line: "GET /ws?query=1 HTTP/1.1" });
      if (place === OWN) expect(refused[0]?.code).toBe("PATH_NOT_FOUND");
    });

    it("a server refuses a path for which its function returns false", async () => {
      const { port } = await start({ path: (path) => path.startsWith("/rooms/") });
      expect((await ask(port, upgrade({}, "GET /room HTTP/1.1"))).status).toBe(404);
      await openWebSocket(port, {}, { line: "GET /rooms/1 HTTP/1.1" });
    });

    it("a server refuses with 500 if its function for paths throws, and serves the next client", async () => {
      const thrown = new Error("no such room");
      const { server, port } = await start({
        path: (path) => {
          if (path === "/chat") throw thrown;
          return true;
        },
      });
      const refused = refusals(server);
      const response = await ask(port, upgrade());
      expect(response.status).toBe(500);
      expect(response.text).not.toContain("no such room");
      expect(refused[0]?.cause).toBe(thrown);
      await openWebSocket(port, {}, { line: "GET /other HTTP/1.1" });
    });
  });

  describe("accepts", () => {
    it("a server answers the key of RFC 6455 section 1.3 with the accept value given there", async () => {
      const { port } = await start();
      const { head } = await openWebSocket(port);
      const [line, ...fields] = head.split("\r\n");
      expect(line).toBe("HTTP/1.1 101 Switching Protocols");
      expect(fields.sort()).toEqual([
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${SAMPLE_ACCEPT}`,
        "Upgrade: websocket",
      ]);
    });

    it("a server accepts names and tokens in any case, and lists", async () => {
      const { port } = await start();
      const { head } = await openWebSocket(port, {
        Host: null,
        hOST: "EXAMPLE.com:80",
        Upgrade: null,
        UPGRADE: "h2c, WebSocket",
        Connection: null,
        connection: "keep-alive, uPGRADE",
        "Sec-WebSocket-Key": null,
        "sec-websocket-KEY": SAMPLE_KEY,
      });
      expect(head).toContain(SAMPLE_ACCEPT);
    });

    it("a server accepts an Origin of the host that the request is for", async () => {
      const { port } = await start();
      const { head } = await openWebSocket(port, { Origin: "https://server.example.com:8443" });
      expect(head).toMatch(/^HTTP\/1\.1 101 /);
    });

    it("a server accepts a request in single bytes", async () => {
      const { server, port } = await start();
      echo(server);
      const peer = await openRaw(port);
      for (const byte of byteByByte(Buffer.concat([Buffer.from(upgrade()), text("hi")]))) {
        peer.send(byte);
        await new Promise(setImmediate);
      }
      expect(await peer.head()).toContain(SAMPLE_ACCEPT);
      expect((await peer.frame()).payload.toString()).toBe("hi");
    });

    it("a server reads frames in the packet of the request, and answers them", async () => {
      const { server, port } = await start();
      echo(server);
      const peer = await openRaw(port);
      peer.send(
        Buffer.concat([
          Buffer.from(upgrade()),
          text("one"),
          text("two"),
          frame({ opcode: 9, payload: "p", ...masked }),
        ]),
      );
      await peer.head();
      const payloads = [];
      for (let i = 0; i < 3; i++) payloads.push((await peer.frame()).payload.toString());
      expect(payloads.sort()).toEqual(["one", "p", "two"]);
    });

    it("a server reads a request with frames, a Close frame and the end of TCP in one packet", async () => {
      const { server, port } = await start();
      const seen: unknown[] = [];
      const { promise: finished, resolve } = withResolvers<void>();
      server.on("connection", (connection) => {
        connection.on("message", (data) => seen.push(data));
        connection.on("close", (code) => {
          seen.push(code);
          resolve();
        });
      });
      const peer = await openRaw(port, { halfOpen: true });
      const close = frame({ opcode: 8, payload: Buffer.from([0x0f, 0xa0]), ...masked });
      peer.socket.end(Buffer.concat([Buffer.from(upgrade()), text("last"), close]));
      await peer.end();
      await peer.head();
      expect((await peer.frame()).payload.readUInt16BE()).toBe(4000);
      await finished;
      expect(seen).toEqual(["last", 4000]);
    });

    it("a server accepts the compression that is offered, and declines unknown extensions", async () => {
      const { server, port } = await start({ perMessageDeflate: { threshold: 0 } });
      const [[connection], { head }] = await Promise.all([
        once(server, "connection"),
        openWebSocket(port, { "Sec-WebSocket-Extensions": ["permessage-deflate; client_max_window_bits", "x-foo"] }),
      ]);
      expect(head).toContain("Sec-WebSocket-Extensions: permessage-deflate");
      expect(connection.extensions).toBe("permessage-deflate");
    });

    it("RFC 7692 section 5: a server that declines all offers of compression sends and receives plain messages", async () => {
      const { server, port } = await start({ perMessageDeflate: { threshold: 0, clientMaxWindowBits: 10 } });
      const offers = ["permessage-deflate", "permessage-deflate; x, permessage-deflate; server_max_window_bits=7"];
      const [[connection], { head, peer }] = await Promise.all([
        once(server, "connection"),
        openWebSocket(port, { "Sec-WebSocket-Extensions": offers }),
      ]);
      expect(head).not.toContain("Sec-WebSocket-Extensions");
      expect(connection.extensions).toBe("");
      connection.send("as it is", { compress: true });
      expect(await peer.frame()).toMatchObject({ rsv: 0, payload: Buffer.from("as it is") });
    });

    it("a server refuses with 500, and emits no connection, if an extension cannot be opened", async () => {
      const broken: Extension = {
        name: "x-broken",
        rsv: 0,
        offers: () => [[]],
        answer: () => ({
          params: [],
          open() {
            throw new Error("broken");
          },
        }),
        agree: () => "never",
      };
      const { server, port } = await start({ extensions: [broken] });
      const [[error], answer] = await Promise.all([
        once(server, "refused"),
        ask(port, upgrade({ "Sec-WebSocket-Extensions": "x-broken" })),
      ]);
      expect(error).toMatchObject({ code: "SERVER_FAILED", cause: new Error("broken") });
      expect(answer.status).toBe(500);
      expect(server.connections.size).toBe(0);
    });

    it("a server chooses the client's first subprotocol that it supports", async () => {
      const { server, port } = await start({ protocols: ["a", "b"] });
      const connected = once(server, "connection");
      const { head } = await openWebSocket(port, { "Sec-WebSocket-Protocol": ["x", "b, a"] });
      expect(head).toContain("\r\nSec-WebSocket-Protocol: b");
      expect((await connected)[0].protocol).toBe("b");
    });

    it.each([[["x"]], [undefined]])(
      "a server accepts a client whose subprotocols it does not support (%j), and chooses none",
      async (protocols) => {
        const { port } = await start(protocols === undefined ? {} : { protocols });
        const { head } = await openWebSocket(port, { "Sec-WebSocket-Protocol": "a" });
        expect(head).not.toContain("Sec-WebSocket-Protocol");
      },
    );

    it("a server chooses the subprotocol that its function returns", async () => {
      const { port } = await start({
        protocols: (offered, { target }) => offered.find((each) => `/${each}` === target),
      });
      const { head } = await openWebSocket(port, { "Sec-WebSocket-Protocol": "x, chat" });
      expect(head).toContain("Sec-WebSocket-Protocol: chat");
      expect((await openWebSocket(port, { "Sec-WebSocket-Protocol": "x" })).head).not.toContain("Protocol:");
    });

    it("a server refuses with 500 if its function chooses a subprotocol that was not offered", async () => {
      const { server, port } = await start({ protocols: () => "other" });
      const refused = refusals(server);
      expect((await ask(port, upgrade({ "Sec-WebSocket-Protocol": "x" }))).status).toBe(500);
      expect(refused[0]?.message).toContain('protocols() chose "other"');
    });
  });

  describe("authenticate", () => {
    /** The answer to a request that the hook judges, and the error that the server reports. */
    async function judged(authenticate: HandshakeOptions<never>["authenticate"]) {
      const { server, port } = await start({ authenticate } as HandshakeOptions<undefined>);
      const refused = refusals(server);
      const response = await ask(port, upgrade());
      return { ...response, refused };
    }

    it("the result of authenticate is the connection's auth", async () => {
      const { server, port } = await start<{ user: string }>({
        authenticate: ({ headers }) => ({ user: headers["cookie"] ?? "" }),
      });
      const connected = once(server, "connection");
      await openWebSocket(port, { Cookie: "ada" });
      const [connection] = await connected;
      expect(connection.auth).toEqual({ user: "ada" });
    });

    it.each(["", 0])("authenticate may return %j, which accepts the client", async (nobody) => {
      const { server, port } = await start<string | number>({ authenticate: () => nobody });
      const connected = once(server, "connection");
      await openWebSocket(port);
      expect((await connected)[0].auth).toBe(nobody);
    });

    it("authenticate may be asynchronous, and nothing that arrives meanwhile is lost", async () => {
      const { promise: verdict, resolve } = withResolvers<string>();
      const { server, port } = await start<string>({ authenticate: () => verdict });
      const peer = await openRaw(port);
      peer.send(Buffer.concat([Buffer.from(upgrade()), text("one")]));
      // A second connection's whole handshake lies between, so that more than one packet comes.
      peer.send(text("two"));
      const other = await openRaw(port);
      other.send(upgrade({}, "POST / HTTP/1.1"));
      await other.response();
      peer.send(text("three"));
      const connected = once(server, "connection") as Promise<[Connection<string>]>;
      resolve("ada");
      const [connection] = await connected;
      expect(connection.auth).toBe("ada");
      expect([await message(connection), await message(connection), await message(connection)]).toEqual([
        "one",
        "two",
        "three",
      ]);
    });

    it.each([
      ["false", () => false as const],
      ["undefined", () => undefined],
      ["null", () => null],
      ["a promise of false", async () => false as const],
      ["a promise of undefined", async () => undefined],
    ])("a request for which authenticate gives %s is refused with 401", async (_, authenticate) => {
      const { status, body, refused } = await judged(authenticate);
      expect(status).toBe(401);
      expect(body).toContain("RFC 6455 section 10.5");
      expect(refused.map(({ code }) => code)).toEqual(["NOT_AUTHENTICATED"]);
    });

    const forward = () => refuse(302, "it has moved", { Location: "https://other.example/" });
    it.each([
      ["returned", forward],
      [
        "thrown",
        () => {
          throw forward();
        },
      ],
      ["resolved to", async () => forward()],
      ["rejected with", () => Promise.reject(forward())],
    ])("a refusal of the application's own is sent as it is when it is %s by authenticate", async (_, authenticate) => {
      const { status, headers, body, refused } = await judged(authenticate);
      expect(status).toBe(302);
      expect(headers["location"]).toBe("https://other.example/");
      expect(body).toContain("it has moved");
      expect(refused).toMatchObject([{ code: "REFUSED", status: 302 }]);
    });

    it.each([
      [
        "thrown",
        (error: unknown) => {
          throw error;
        },
      ],
      ["rejected with", (error: unknown) => Promise.reject(error)],
    ])("an authenticate that fails (%s) refuses with 500, and only the server learns why", async (_, fail) => {
      const error = new Error("the database's password is wrong");
      const { status, text, refused } = await judged(() => fail(error));
      expect(status).toBe(500);
      expect(text).not.toContain("password");
      expect(refused).toHaveLength(1);
      expect(refused[0]).toMatchObject({ code: "SERVER_FAILED", status: 500, cause: error });
      expect(refused[0]?.message).toContain("password");
    });

    it.each([
      ["a string", "tired", "request: tired ("],
      ["an object without a prototype", Object.assign(Object.create(null), { tired: true }), "tired: true"],
      ["a symbol", Symbol("tired"), "Symbol(tired)"],
      ["undefined", undefined, "undefined"],
    ])("an authenticate that rejects with %s, which is no Error, refuses with 500", async (_, reason, text) => {
      const { status, refused } = await judged(() => Promise.reject(reason));
      expect(status).toBe(500);
      expect(refused[0]?.message).toContain(text);
    });

    it.each([
      ["a status that is no refusal", () => refuse(200, "welcome")],
      ["a header field that ends its line", () => refuse(401, "no", { "X-A": "1\r\nX-B: 2" })],
      [
        "a thrown one that cannot be sent",
        () => {
          throw refuse(101, "welcome");
        },
      ],
      ["a rejected one that cannot be sent", () => Promise.reject(refuse(999, "no"))],
    ])("a refusal of authenticate with %s is answered with 500", async (_, authenticate) => {
      const { status, text, refused } = await judged(authenticate);
      expect(status).toBe(500);
      expect(text).not.toContain("X-B");
      expect(refused).toMatchObject([{ code: "SERVER_FAILED" }]);
    });

    it.each([
      ["returned", () => new TypeError("no such user") as never],
      ["resolved to", async () => new TypeError("no such user") as never],
    ])("an authenticate that gives an error (%s) refuses with 500", async (_, authenticate) => {
      const { status, refused } = await judged(authenticate);
      expect(status).toBe(500);
      expect(refused).toMatchObject([{ code: "SERVER_FAILED", cause: { cause: { message: "no such user" } } }]);
      expect(refused[0]?.message).toContain("authenticate returned an error");
    });

    it("authenticate may return a thenable that has only then()", async () => {
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library is what this is about
      const thenable = { then: (fulfilled: (value: string) => void) => void setImmediate(fulfilled, "ada") };
      const { server, port } = await start<string>({ authenticate: () => thenable as unknown as Promise<string> });
      const connected = once(server, "connection");
      await openWebSocket(port);
      expect((await connected)[0].auth).toBe("ada");
    });

    it("an authenticate that never settles refuses with 503 and AUTHENTICATION_TIMEOUT, and 'refused' has the request", async () => {
      const { server, port } = await start({ handshakeTimeout: 60, authenticate: () => new Promise<never>(() => {}) });
      const refused = once(server, "refused");
      const response = await ask(port, upgrade());
      expect(response.status).toBe(503);
      expect(response.body).toBe(
        "the request was not authenticated within handshakeTimeout (RFC 9110 section 15.6.4).\n",
      );
      const [error, request, remoteAddress] = await refused;
      expect(error).toMatchObject({ code: "AUTHENTICATION_TIMEOUT", status: 503 });
      expect(request).toMatchObject({ url: "/chat", headers: { host: "server.example.com" } });
      expect(remoteAddress).toBe("127.0.0.1");
    });

    it.each<[string, (settle: { resolve(value: string): void; reject(error: Error): void }) => void]>([
      ["resolves", ({ resolve }) => resolve("ada")],
      ["rejects", ({ reject }) => reject(new Error("too late"))],
      ["rejects with a refusal", ({ reject }) => reject(refuse(403, "too late"))],
    ])("an authenticate that %s after the timeout has no effect", async (_, settle) => {
      const uncaught = watchUncaught();
      let settling = { resolve: (_value: string) => {}, reject: (_error: Error) => {} };
      const promise = new Promise<string>((resolve, reject) => {
        settling = { resolve, reject };
      });
      const { server, port } = await start<string>({ handshakeTimeout: 60, authenticate: () => promise });
      let connections = 0;
      server.on("connection", () => connections++);
      const refused = refusals(server);
      expect((await ask(port, upgrade())).status).toBe(503);
      settle(settling);
      await promise.catch(() => {});
      await new Promise(setImmediate);
      expect(connections).toBe(0);
      expect(refused).toMatchObject([{ code: "AUTHENTICATION_TIMEOUT" }]);
      expect(uncaught).toEqual([]);
    });

    it("a client that leaves while authenticate is pending causes no error", async () => {
      const { promise, resolve } = withResolvers<string>();
      const { promise: asked, resolve: reportAsked } = withResolvers<Duplex>();
      const { server, port } = await start<string>({
        authenticate: (request: UpgradeRequest) => {
          reportAsked(request.socket);
          return promise;
        },
      });
      const codes: number[] = [];
      server.on("connection", (connection) => connection.on("close", (code) => codes.push(code)));
      const peer = await openRaw(port);
      peer.send(upgrade());
      const socket = await asked;
      const gone = new Promise((resolve) => socket.on("close", resolve));
      peer.socket.resetAndDestroy();
      resolve("ada");
      await gone;
      // Whether the server saw the end before or after it answered, nothing of it stays.
      expect(codes.every((code) => code === 1006)).toBe(true);
      expect(server.connections.size).toBe(0);
    });

    it("a socket that is destroyed while authenticate is pending makes no connection", async () => {
      const { promise, resolve } = withResolvers<string>();
      let connections = 0;
      const { server, port } = await start<string>({
        authenticate: (request) => {
          request.socket.once("close", () => resolve("ada")).destroy();
          return promise;
        },
      });
      server.on("connection", () => connections++);
      const peer = await openRaw(port);
      peer.send(upgrade());
      await peer.close();
      await promise;
      await new Promise(setImmediate);
      expect(connections).toBe(0);
    });
  });

  describe("a hook that may not be asynchronous", () => {
    it.each(["path", "origins", "protocols", "headers"])(
      "a hook that must be synchronous refuses with 500 if it is not, and its rejection does not end the process: %s",
      async (name) => {
        const uncaught = watchUncaught();
        for (const hook of [async () => true, () => Promise.reject(new Error("out of reach"))]) {
          const { server, port } = await start({ [name]: hook } as HandshakeOptions<undefined>);
          const refused = refusals(server);
          // Without a function of its own the server would refuse a page of another host.
          const origin = name === "origins" ? { Origin: "https://example.com" } : {};
          const { status } = await ask(port, upgrade({ ...origin, "Sec-WebSocket-Protocol": "chat" }));
          expect(status).toBe(500);
          expect(refused).toMatchObject([{ code: "SERVER_FAILED", cause: { name: "TypeError" } }]);
          expect(refused[0]?.message).toContain(`${name} returned a promise`);
        }
        expect(uncaught).toEqual([]);
      },
    );
  });

  describe("the headers option", () => {
    it("the headers option adds fields to the 101 response, a line for each of a list", async () => {
      const { port } = await start<string>({
        authenticate: () => "ada",
        headers: (request, auth) => ({ "Set-Cookie": [`user=${auth}`, "b=2"], "X-Path": request.url }),
      });
      const { head } = await openWebSocket(port);
      expect(head.split("\r\n")).toEqual(
        expect.arrayContaining(["Set-Cookie: user=ada", "Set-Cookie: b=2", "X-Path: /chat"]),
      );
    });

    it.each([
      ["ends its line", { "X-A": "1\r\nX-B: 2" }],
      ["has a name that is no token", { "X A": "1" }],
      ["is of the handshake itself", { "Sec-WebSocket-Accept": "x" }],
      ["names another upgrade", { Upgrade: "h2c" }],
      ["announces a body", { "Content-Length": "1" }],
    ])("a headers option whose field %s refuses with 500, and the field is not sent", async (_, headers) => {
      const { server, port } = await start({ headers: () => headers });
      const refused = refusals(server);
      const response = await ask(port, upgrade());
      expect(response.status).toBe(500);
      expect(response.text).not.toMatch(/x-b|h2c|101/i);
      expect(refused[0]?.cause).toBeInstanceOf(TypeError);
    });

    it("a headers option that throws refuses with 500", async () => {
      const { server, port } = await start({
        headers: () => {
          throw new Error("no headers today");
        },
      });
      const refused = refusals(server);
      expect((await ask(port, upgrade())).status).toBe(500);
      expect(refused[0]?.message).toContain("no headers today");
    });
  });

  it("one client does not affect another one in its handshake", async () => {
    const { server, port } = await start();
    echo(server);
    const { peer } = await openWebSocket(port);
    for (const { bytes } of badRequests) {
      const bad = await openRaw(port);
      bad.send(bytes);
      bad.socket.resetAndDestroy();
    }
    const broken = await openWebSocket(port);
    broken.peer.send(Buffer.from([0xff, 0xff, 0xff]));
    await broken.peer.end();
    peer.send(text("still here"));
    expect((await peer.frame()).payload.toString()).toBe("still here");
  });

  it("a refusal is reported although a listener of 'connection' or 'refused' throws", async () => {
    const thrown: unknown[] = [];
    const before = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error));
    try {
      const { server, port } = await start();
      server.on("refused", () => {
        throw new Error("by refused");
      });
      server.on("connection", (connection) => {
        connection.on("message", (data) => connection.send(data));
        throw new Error("by connection");
      });
      expect((await ask(port, upgrade({ Host: null }))).status).toBe(400);
      const { peer } = await openWebSocket(port);
      peer.send(text("still served"));
      expect((await peer.frame()).payload.toString()).toBe("still served");
      expect(thrown.map(String)).toEqual(["Error: by refused", "Error: by connection"]);
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of before) process.on("uncaughtException", listener);
    }
  });
});

describe("a server of its own only", () => {
  it("a server on its own port answers a plain request with 426 and a body that explains it", async () => {
    const { server, port } = await serve();
    const refused = refusals(server);
    const response = await ask(port, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    expect(response).toMatchObject({ status: 426, headers: { upgrade: "websocket", connection: "Upgrade, close" } });
    expect(response.body).toMatch(
      /^this is a WebSocket server: connect to it with a WebSocket client, as with new WebSocket\(url\)/,
    );
    expect(refused[0]?.code).toBe("NOT_AN_UPGRADE");
  });

  it.each([
    ["a head past maxHeadBytes", upgrade({ "X-Long": "x".repeat(20_000) }), {}, "HEAD_TOO_LARGE"],
    ["a head past a limit of its own", upgrade({ "X-Long": "x".repeat(500) }), { maxHeadBytes: 512 }, "HEAD_TOO_LARGE"],
    ["more fields than maxHeaders", upgrade({ "X-Many": Array(120).fill("x") }), {}, "HEAD_TOO_MANY_FIELDS"],
    ["more fields than a limit of its own", upgrade(), { maxHeaders: 4 }, "HEAD_TOO_MANY_FIELDS"],
  ])("a server on its own port refuses %s with 431", async (_, bytes, limits, code) => {
    const { server, port } = await serve(limits);
    const refused: unknown[] = [];
    server.on("refused", (...args) => refused.push(...args));
    const response = await ask(port, bytes);
    expect(response.status).toBe(431);
    expect(response.body).toContain("(RFC 6585 section 5)");
    expect(refused).toMatchObject([{ code }, null, "127.0.0.1"]);
  });

  it("a server on its own port refuses a request line that never ends with 414: RFC 9112 section 3 (MUST)", async () => {
    const { server, port } = await serve();
    const refused: unknown[] = [];
    server.on("refused", (...args) => refused.push(...args));
    const response = await ask(port, `GET /${"a".repeat(40_000)}`);
    expect(response.status).toBe(414);
    expect(response.body).toContain("(RFC 9112 section 3)");
    expect(refused).toMatchObject([{ code: "HEAD_TOO_LARGE" }, null, "127.0.0.1"]);
  });

  it("a server answers a head that comes byte by byte with 408 after handshakeTimeout, although bytes keep coming", async () => {
    const { server, port } = await serve({ handshakeTimeout: 80 });
    const refused = refusals(server);
    const peer = await openRaw(port);
    peer.send(upgrade().slice(0, -2));
    peer.send("X-Drip: ");
    const drip = setInterval(() => peer.send("x"), 5);
    try {
      await peer.end();
    } finally {
      clearInterval(drip);
    }
    const response = parseResponse(peer.received.toString("latin1"));
    expect(response.status).toBe(408);
    expect(refused).toMatchObject([{ code: "HEAD_TIMEOUT" }]);
    await peer.close();
  });

  it("a server ends a client that sends nothing after handshakeTimeout", async () => {
    const { server, port } = await serve({ handshakeTimeout: 50 });
    const refused: unknown[] = [];
    server.on("refused", (...args) => refused.push(...args));
    const peer = await openRaw(port);
    expect((await peer.response()).status).toBe(408);
    await peer.close();
    expect(refused).toMatchObject([{ code: "HEAD_TIMEOUT" }, null, "127.0.0.1"]);
  });

  it("a client that leaves before its request is complete is not reported", async () => {
    const { server, port } = await serve();
    const refused = refusals(server);
    const peer = await openRaw(port);
    peer.socket.end("GET / HTTP/1.1\r\nHost: a");
    await peer.close();
    await server.close();
    expect(refused).toEqual([]);
  });

  it("the handshakeTimeout of a server ends with the handshake", async () => {
    const { server, port } = await serve({ handshakeTimeout: 200 });
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const connected = once(server, "connection") as Promise<[Connection<undefined>]>;
    const { peer } = await openWebSocket(port);
    const [connection] = await connected;
    // A second client runs into the time-out; the first one, older, does not.
    const second = await openRaw(port);
    while (vi.getTimerCount() === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(200);
    await second.close();
    expect(connection.readyState).toBe(1);
    peer.send(frame({ opcode: 8, payload: Buffer.from([3, 232]), ...masked }));
    expect(await closed(connection)).toEqual([1000, ""]);
  });
});

function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}
