import { once } from "node:events";
import { createServer } from "node:net";
import { type ConnectionOptions, createSecureContext, type SecureContext } from "node:tls";
import { inspect } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ConnectError, type ConnectOptions, connect } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { failure } from "../support/connect-failure.ts";
import { BINARY, CLOSE, frame, PING, TEXT } from "../support/frames.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { closed, echo, message, open, script, serve, switching } from "../support/servers.ts";

const closeFrame = (code: number, reason = "") =>
  frame({ opcode: CLOSE, payload: Buffer.concat([Buffer.from([code >> 8, code & 255]), Buffer.from(reason)]) });

/** Answers the request with these bytes, where the function is given the request. */
function answering(answer: (request: string) => string | Uint8Array) {
  return script(async (peer) => peer.send(answer(await peer.head())));
}

/** Accepts, and hands the peer on. */
async function accepting(): Promise<{ url: string; accepted: Promise<RawPeer> }> {
  let settle: (peer: RawPeer) => void = () => {};
  const accepted = new Promise<RawPeer>((resolve) => {
    settle = resolve;
  });
  const { url } = await script(async (peer) => {
    peer.send(switching(await peer.head()));
    settle(peer);
  });
  return { url, accepted };
}

describe("the request", () => {
  /** The lines of the request that is sent for the URL. */
  async function sent(path: string, options?: ConnectOptions, userinfo = ""): Promise<string[]> {
    let head = "";
    const { port } = await script(async (peer) => {
      head = await peer.head();
      peer.send(switching(head, options?.protocols === undefined ? {} : { "Sec-WebSocket-Protocol": "a" }));
    });
    await open(`ws://${userinfo}127.0.0.1:${port}${path}`, options);
    return head.replaceAll(String(port), "PORT").split("\r\n");
  }

  it("the request has the fields that RFC 6455 section 4.1 demands", async () => {
    const [line, ...fields] = await sent("/chat?room=1");
    expect(line).toBe("GET /chat?room=1 HTTP/1.1");
    const keys = fields.filter((field) => field.startsWith("Sec-WebSocket-Key: "));
    expect(keys).toHaveLength(1);
    expect(Buffer.from(keys[0]?.slice(19) ?? "", "base64")).toHaveLength(16);
    expect(fields.filter((field) => !keys.includes(field)).sort()).toEqual([
      "Connection: Upgrade",
      "Host: 127.0.0.1:PORT",
      "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
      "Sec-WebSocket-Version: 13",
      "Upgrade: websocket",
    ]);
  });

  it("no byte follows the request before the response", async () => {
    let early = -1;
    const { url } = await script(async (peer) => {
      const head = await peer.head();
      // Another server's whole handshake lies between.
      await open((await serve()).url);
      early = peer.received.length;
      peer.send(switching(head));
    });
    const connection = await open(url);
    connection.send("only now");
    expect(early).toBe(0);
  });

  it("the request has the target / for an empty path", async () => {
    expect((await sent(""))[0]).toBe("GET / HTTP/1.1");
  });

  it("each request has another key", async () => {
    const keys = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const fields = await sent("/");
      keys.add(fields.find((field) => field.startsWith("Sec-WebSocket-Key")) ?? "");
    }
    expect(keys.size).toBe(3);
  });

  it("the request offers the subprotocols and the extensions that are wanted", async () => {
    const fields = await sent("/", { protocols: ["a", "b"], perMessageDeflate: false });
    expect(fields).toContain("Sec-WebSocket-Protocol: a, b");
    expect(fields.join()).not.toContain("Extensions");
    const perMessageDeflate = { serverMaxWindowBits: 10, fallback: true };
    expect(await sent("/", { perMessageDeflate })).toContain(
      "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10; client_max_window_bits, " +
        "permessage-deflate; client_max_window_bits",
    );
    expect(await sent("/", { protocols: "a" })).toContain("Sec-WebSocket-Protocol: a");
  });

  it("the request has the application's header fields", async () => {
    const fields = await sent("/", { headers: { Cookie: "a=1", Origin: "https://a.example", "X-Two": ["1", "2"] } });
    expect(fields).toEqual(
      expect.arrayContaining(["Cookie: a=1", "Origin: https://a.example", "X-Two: 1", "X-Two: 2"]),
    );
  });

  it("the request has another Host if the application gives one", async () => {
    const fields = await sent("/", { headers: { host: "other.example" } });
    expect(fields.filter((field) => /^host:/i.test(field))).toEqual(["Host: other.example"]);
  });

  it("the request has the URL's user and password as credentials, and not in its target", async () => {
    const fields = await sent("/path", {}, "ada:l%C3%B6ve@");
    expect(fields).toContain(`Authorization: Basic ${Buffer.from("ada:löve").toString("base64")}`);
    expect(fields[0]).toBe("GET /path HTTP/1.1");
    expect(fields.join()).not.toContain("@");
  });

  it("the request has the application's credentials rather than the URL's", async () => {
    const fields = await sent("/", { headers: { authorization: "Bearer x" } }, "ada:love@");
    expect(fields.filter((field) => /^authorization/i.test(field))).toEqual(["authorization: Bearer x"]);
  });
});

describe("a URL or an option that is not valid", () => {
  it.each([
    ["http://127.0.0.1/", "use ws: instead"],
    ["https://127.0.0.1/", "use wss: instead"],
    ["ftp://127.0.0.1/", 'neither "ws:" nor "wss:"'],
    ["ws://127.0.0.1/#part", "fragment"],
    ["ws://127.0.0.1/#", "fragment"],
    ["127.0.0.1:80", "not a valid absolute URL"],
    ["", "not a valid absolute URL"],
    ["ws://", "has no host"],
  ])("connect() rejects the URL %j, and the error says: %s", async (url, rule) => {
    const error = await failure(connect(url));
    expect(error).toMatchObject({ code: "URL_INVALID", section: "RFC 6455 section 3", response: null });
    expect(error.message).toContain(rule);
    expect(error.message).toContain(JSON.stringify(url));
  });

  it.each(["http://ada:secret@a/", "ws://ada:secret@a/#b", "ws://ada:sec/secret@a", "ada:secret@a", "ws://a b?secret"])(
    "the error about the URL %j does not show its password or query",
    async (url) => {
      const error = await failure(connect(url));
      expect(inspect(error)).not.toContain("secret");
      expect(error.message).toContain("***");
    },
  );

  it.each<[string, object, RegExp]>([
    ["handshakeTimeout: 0", { handshakeTimeout: 0 }, /^RangeError: handshakeTimeout must be a whole number/],
    ["handshakeTimeout: 2 ** 31", { handshakeTimeout: 2 ** 31 }, /^RangeError: handshakeTimeout/],
    ["maxPayload: -1", { maxPayload: -1 }, /^RangeError: maxPayload must be/],
    ["maxHeadBytes: 0", { maxHeadBytes: 0 }, /^RangeError: maxHeadBytes must be/],
    ["maxHeaders: NaN", { maxHeaders: Number.NaN }, /^RangeError: maxHeaders must be/],
    ["a subprotocol that is no token", { protocols: "a b" }, /^TypeError: protocols must be tokens .* "a b" is not/],
    ["an empty subprotocol", { protocols: [""] }, /^TypeError: protocols must be tokens .* "" is not/],
    ["a subprotocol twice", { protocols: ["a", "a"] }, /^TypeError: protocols has the duplicate subprotocol "a"/],
    [
      "a header that ends its line",
      { headers: { "X-A": "1\r\nX-B: 2" } },
      /^TypeError: .* X-A has a control character/,
    ],
    ["a header name that is no token", { headers: { "X A": "1" } }, /^TypeError: "X A" is not the name/],
    ["a header of the handshake", { headers: { "Sec-WebSocket-Key": "x" } }, /^TypeError: .* set by the library/],
  ])("connect() rejects %s, opens no connection and delays no other attempt", async (_, options, text) => {
    const { server, url } = await serve();
    echo(server);
    await expect(connect(url, options as ConnectOptions)).rejects.toSatisfy((error) => text.test(String(error)));
    const connection = await open(url);
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
    expect(server.connections.size).toBe(1);
  });

  it("connect() rejects an invalid certificate, and delays no other attempt", async () => {
    const { key, cert } = await makeCertificate();
    const { url } = await serve({ tls: { key, cert } });
    await expect(connect(url, { tls: { cert: "garbage", key: "garbage" } })).rejects.toMatchObject({
      name: "TypeError",
      code: "OPTION_INVALID",
      message: expect.stringMatching(/^tls cannot be used: .*(?:PEM|DECODER)/),
      cause: { code: expect.stringContaining("ERR_") },
    });
    await open(url, { tls: { ca: cert } });
  });

  it("thousands of attempts that fail at once are all rejected, and delay no other attempt", async () => {
    const { key, cert } = await makeCertificate();
    const { url } = await serve({ tls: { key, cert } });
    const first = open(url, { tls: { ca: cert } });
    const wrong = Array.from({ length: 3000 }, () => connect(url, { tls: { minVersion: "TLSv9" as "TLSv1.3" } }));
    const last = open(url, { tls: { ca: cert } });
    await first;
    expect((await Promise.allSettled(wrong)).every(({ status }) => status === "rejected")).toBe(true);
    await last;
  });
});

describe("a response that cannot be accepted", () => {
  it.each([400, 401, 404, 500, 200, 302])(
    "a response with the status %i fails the attempt, and the error has the response",
    async (status) => {
      const { url } = await answering(
        () => `HTTP/1.1 ${status} Some Reason\r\nX-Why: because\r\nX-Why: so\r\n\r\nbody`,
      );
      const error = await failure(connect(url));
      expect(error).toMatchObject({ code: "STATUS_NOT_101", section: "RFC 6455 section 4.1" });
      expect(error.message).toContain(`${status} Some Reason`);
      expect(error.response).toMatchObject({ status, reason: "Some Reason", headers: { "x-why": "because, so" } });
    },
  );

  it.each([
    ["TCP", false],
    ["TLS", true],
  ])("the response of an error keeps its Set-Cookie fields apart (%s)", async (_, secure) => {
    const { key, cert } = await makeCertificate();
    const cookies = ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2; Path=/, c"];
    const fields = cookies.map((cookie) => `Set-Cookie: ${cookie}\r\n`).join("");
    const { url } = await script(
      async (peer) => {
        await peer.head();
        peer.socket.end(`HTTP/1.1 403 Forbidden\r\n${fields}X-Why: a\r\nX-Why: b\r\n\r\n`);
      },
      secure ? { key, cert } : undefined,
    );
    const error = (await failure(connect(url, secure ? { tls: { ca: cert } } : {}))) as ConnectError;
    expect(error.response?.headers["set-cookie"]).toEqual(cookies);
    expect(error.response?.headers["x-why"]).toBe("a, b");
  });

  it.each<[string, Record<string, string | null>, string]>([
    ["no Upgrade", { Upgrade: null }, "UPGRADE_WRONG"],
    ["another Upgrade", { Upgrade: "h2c" }, "UPGRADE_WRONG"],
    ["a list in Upgrade", { Upgrade: "websocket, h2c" }, "UPGRADE_WRONG"],
    ["no Connection", { Connection: null }, "CONNECTION_WRONG"],
    ["another Connection", { Connection: "keep-alive" }, "CONNECTION_WRONG"],
    ["no Accept", { "Sec-WebSocket-Accept": null }, "ACCEPT_WRONG"],
    ["the Accept of another key", { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" }, "ACCEPT_WRONG"],
    ["an extension", { "Sec-WebSocket-Extensions": "x-foo" }, "EXTENSION_NOT_REQUESTED"],
    ["a parameter", { "Sec-WebSocket-Extensions": "permessage-deflate; x" }, "EXTENSION_ANSWER_INVALID"],
    ["extensions that break the grammar", { "Sec-WebSocket-Extensions": "a;;b" }, "EXTENSIONS_MALFORMED"],
    ["a subprotocol", { "Sec-WebSocket-Protocol": "chat" }, "SUBPROTOCOL_NOT_REQUESTED"],
  ])("a response with %s fails the attempt", async (_, changes, code) => {
    const { url } = await answering((request) => switching(request, changes));
    expect(await failure(connect(url))).toMatchObject({ code, response: null });
  });

  it("the error about a response says what is wrong with the server's use of an extension", async () => {
    const { url } = await answering((request) =>
      switching(request, { "Sec-WebSocket-Extensions": "permessage-deflate" }),
    );
    const error = await failure(connect(url, { perMessageDeflate: { serverNoContextTakeover: true } }));
    expect(error.message).toContain("permessage-deflate: server_no_context_takeover was requested and not granted");
  });

  it("a response with a subprotocol other than those offered fails the attempt, even if only its case differs", async () => {
    const { url } = await answering((request) => switching(request, { "Sec-WebSocket-Protocol": "Chat" }));
    const error = await failure(connect(url, { protocols: ["chat"] }));
    expect(error.code).toBe("SUBPROTOCOL_NOT_REQUESTED");
    expect(error.message).toContain('"Chat"');
  });

  it("a response is accepted with names and tokens in any case", async () => {
    const { url } = await answering((request) =>
      switching(request, { Upgrade: "WebSocket", Connection: "keep-alive, upgrade" }).replace("Accept:", "ACCEPT:"),
    );
    expect((await open(url)).readyState).toBe(1);
  });

  it.each([
    ["is HTTP/1.0", (request: string) => switching(request).replace("HTTP/1.1", "HTTP/1.0")],
    ["is no HTTP", () => "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["has lines that end by LF", (request: string) => switching(request).replaceAll("\r\n", "\n")],
  ])("a response that %s fails the attempt", async (_, answer) => {
    const { url } = await answering(answer);
    expect((await failure(connect(url))).code).toBe("RESPONSE_MALFORMED");
  });

  it("an endless response fails the attempt", async () => {
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      peer.send("HTTP/1.1 101 Switching Protocols\r\n");
      const more = () => {
        while (peer.socket.writable && peer.socket.write(`X-More: ${"x".repeat(1000)}\r\n`));
      };
      peer.socket.on("drain", more);
      more();
    });
    expect(await failure(connect(url))).toMatchObject({ code: "RESPONSE_TOO_LARGE", section: "RFC 9110 section 5.4" });
    await peers[0]?.close();
  });

  it.each([
    ["maxHeadBytes", { maxHeadBytes: 100 }],
    ["maxHeaders", { maxHeaders: 2 }],
  ])("a response that exceeds %s fails the attempt", async (_, limits) => {
    const { url } = await answering((request) => switching(request, { "X-Long": "x".repeat(100) }));
    expect((await failure(connect(url, limits))).code).toBe("RESPONSE_TOO_LARGE");
  });

  it("an endless sequence of interim responses fails the attempt", async () => {
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      const more = () => {
        while (peer.socket.writable && peer.socket.write("HTTP/1.1 102 Processing\r\n\r\n"));
      };
      peer.socket.on("drain", more);
      more();
    });
    const error = await failure(connect(url));
    expect(error.code).toBe("RESPONSE_TOO_LARGE");
    expect(error.message).toContain("interim");
    await peers[0]?.close();
  });

  it("a response that does not come within handshakeTimeout fails the attempt", async () => {
    const { url, peers } = await script(() => {});
    const error = await failure(connect(url, { handshakeTimeout: 50 }));
    expect(error.code).toBe("HANDSHAKE_TIMEOUT");
    expect(error.message).toContain("50 ms");
    await peers[0]?.end();
  });

  it("a response that comes byte by byte fails after handshakeTimeout, which runs from the start", async () => {
    let drip: NodeJS.Timeout | undefined;
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.send("HTTP/1.1 101 Switching Protocols\r\nX-Drip: ");
      drip = setInterval(() => peer.send("x"), 5);
    });
    onTestFinished(() => clearInterval(drip));
    expect((await failure(connect(url, { handshakeTimeout: 80 }))).code).toBe("HANDSHAKE_TIMEOUT");
  });

  it.each([
    ["before it", ""],
    ["in the middle of it", "HTTP/1.1 101 Switching Pro"],
  ])("a response that is cut off %s fails the attempt", async (_, start) => {
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.socket.end(start);
    });
    const error = await failure(connect(url));
    expect(error.code).toBe("CUT_OFF");
    expect(error.message).toContain("before the handshake was complete");
  });

  it("a response that is cut off by a reset is CUT_OFF, not a failure to open the connection", async () => {
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.socket.resetAndDestroy();
    });
    const error = await failure(connect(url));
    expect(error.code).toBe("CUT_OFF");
    expect(error.cause).toMatchObject({ code: "ECONNRESET" });
  });

  it("an attempt fails with CONNECTION_REFUSED if nobody listens", async () => {
    const { server, url } = await serve();
    await server.close();
    const error = await failure(connect(url));
    expect(error).toMatchObject({ code: "CONNECTION_REFUSED", cause: { code: "ECONNREFUSED" } });
    expect(error.message).toContain("ECONNREFUSED");
  });

  it("an attempt that fails at all addresses of a name reports all of them", async () => {
    const { server, port } = await serve();
    await server.close();
    const error = await failure(connect(`ws://localhost:${port}`));
    expect(error.code).toBe("CONNECTION_REFUSED");
    expect(error.message).toContain("127.0.0.1");
  });

  it("interim responses are skipped", async () => {
    const { url } = await answering(
      (request) => `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n${switching(request)}`,
    );
    expect((await open(url)).readyState).toBe(1);
  });

  it("a response that is rejected ends the socket", async () => {
    const { url, peers } = await answering(() => "HTTP/1.1 403 Forbidden\r\n\r\n");
    expect((await failure(connect(url))).code).toBe("STATUS_NOT_101");
    await peers[0]?.end();
    expect(peers.map(({ ended }) => ended)).toEqual([true]);
  });
});

describe("signal", () => {
  it("a signal that was aborted before opens no socket", async () => {
    const { server, url } = await serve();
    let refused = 0;
    server.on("refused", () => refused++);
    const error = await failure(connect(url, { signal: AbortSignal.abort(new Error("not today")) }));
    expect(error.code).toBe("ABORTED");
    expect(error.cause).toMatchObject({ message: "not today" });
    await server.close();
    expect(refused).toBe(0);
  });

  it("a signal ends an attempt under way", async () => {
    const controller = new AbortController();
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      controller.abort();
    });
    expect((await failure(connect(url, { signal: controller.signal }))).code).toBe("ABORTED");
    await peers[0]?.end();
  });

  it("a signal ends an attempt whose host name is being resolved", async () => {
    const { port } = await serve();
    const controller = new AbortController();
    const attempt = failure(connect(`ws://localhost:${port}`, { signal: controller.signal }));
    controller.abort();
    expect((await attempt).code).toBe("ABORTED");
  });

  it("a signal does not affect an open connection", async () => {
    const { server, url } = await serve();
    echo(server);
    const controller = new AbortController();
    const connection = await open(url, { signal: controller.signal });
    controller.abort();
    connection.send("hi");
    expect(await message(connection)).toBe("hi");
  });
});

/** RFC 6455 section 4.1, item 2. */
describe("attempts to the same address and port", () => {
  /** A server that keeps its connections waiting for `go`; `count` is how many have come. */
  async function holding() {
    const requests: { peer: RawPeer; head: string }[] = [];
    const watchers: (() => void)[] = [];
    let connections = 0;
    const { url, port, server } = await script(async (peer) => {
      const head = await peer.head();
      requests.push({ peer, head });
      for (const watcher of watchers) watcher();
    });
    server.on("connection", () => connections++);
    const arrived = (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => requests.length >= count && resolve();
        watchers.push(look);
        look();
      });
    const go = (index: number) => {
      const request = requests[index];
      request?.peer.send(switching(request.head));
    };
    return { url, port, requests, arrived, go, connections: () => connections };
  }

  it("attempts to one address are made one after the other, the next when the last one has succeeded", async () => {
    const { url, arrived, go, connections } = await holding();
    const first = open(url);
    const second = open(`${url}/other`);
    await arrived(1);
    // Another server's whole handshake lies between.
    const other = await serve();
    await open(other.url);
    expect(connections()).toBe(1);
    go(0);
    await first;
    await arrived(2);
    expect(connections()).toBe(2);
    go(1);
    await second;
  });

  it("attempts to one address are made one after the other, the next when the last one has failed", async () => {
    const { url, requests, arrived, go, connections } = await holding();
    const first = failure(connect(url));
    const second = failure(connect(url));
    const third = open(url);
    await arrived(1);
    expect(connections()).toBe(1);
    requests[0]?.peer.send("HTTP/1.1 403 Forbidden\r\n\r\n");
    await first;
    await arrived(2);
    expect(connections()).toBe(2);
    requests[1]?.peer.socket.destroy();
    await second;
    await arrived(3);
    go(2);
    await third;
  });

  it("attempts wait for each other by address, not by name", async () => {
    const { url, port, arrived, go, connections } = await holding();
    const first = open(url);
    await arrived(1);
    // The same address, written in another way that URLs know.
    const second = open(`ws://0x7f.1:${port}/`);
    const other = await serve();
    await open(other.url);
    expect(connections()).toBe(1);
    go(0);
    await first;
    await arrived(2);
    go(1);
    await second;
  });

  it("attempts to one address are made at once if concurrent is true", async () => {
    const { url, arrived, go, connections } = await holding();
    const all = [1, 2, 3].map(() => open(url, { concurrent: true }));
    await arrived(3);
    expect(connections(), "before any of them is answered").toBe(3);
    for (const index of [0, 1, 2]) go(index);
    expect((await Promise.all(all)).map(({ readyState }) => readyState)).toEqual([1, 1, 1]);
  });

  it("attempts that wait for another one can be aborted, and no socket is opened for them", async () => {
    const { url, arrived, go, connections } = await holding();
    const controller = new AbortController();
    const first = open(url);
    const second = failure(connect(url, { signal: controller.signal }));
    const third = open(url);
    await arrived(1);
    controller.abort();
    expect((await second).code).toBe("ABORTED");
    go(0);
    await first;
    await arrived(2);
    go(1);
    await third;
    expect(connections()).toBe(2);
  });

  it("attempts to another port are not delayed", async () => {
    const [a, b] = [await holding(), await holding()];
    const attempts = [open(a.url), open(b.url)];
    await a.arrived(1);
    await b.arrived(1);
    expect([a.connections(), b.connections()], "before any of them is answered").toEqual([1, 1]);
    a.go(0);
    b.go(0);
    expect((await Promise.all(attempts)).map(({ readyState }) => readyState)).toEqual([1, 1]);
  });
});

describe("wss:", () => {
  it("a wss: attempt rejects a certificate that no authority vouches for", async () => {
    const { key, cert } = await makeCertificate();
    const { server, url } = await serve({ tls: { key, cert } });
    const error = await failure(connect(url));
    expect(error).toMatchObject({ code: "CERTIFICATE_REJECTED", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    expect(error.message).toContain("self-signed certificate");
    expect(server.connections.size).toBe(0);
  });

  it("a wss: attempt rejects a certificate of another name", async () => {
    const { key, cert } = await makeCertificate();
    const { url } = await serve({ tls: { key, cert } });
    const error = await failure(connect(url, { tls: { ca: cert, servername: "other.example" } }));
    expect(error).toMatchObject({ code: "CERTIFICATE_REJECTED", cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" } });
    expect(error.message).toContain("for another name");
  });

  it("a wss: attempt accepts a certificate that `ca` vouches for, or any if rejectUnauthorized is false", async () => {
    const { key, cert } = await makeCertificate();
    const { url } = await serve({ tls: { key, cert } });
    for (const tls of [{ ca: cert }, { rejectUnauthorized: false }]) {
      expect((await open(url, { tls })).readyState).toBe(1);
    }
  });

  it("a wss: attempt sends the name of the server (SNI), and none for an address", async () => {
    const { key, cert } = await makeCertificate();
    const names: string[] = [];
    const context = createSecureContext({ key, cert });
    const { port } = await serve({
      tls: {
        key,
        cert,
        SNICallback: (name, callback) => {
          names.push(name);
          callback(null, context);
        },
      },
    });
    await open(`wss://localhost:${port}`, { tls: { ca: cert } });
    await open(`wss://127.0.0.1:${port}`, { tls: { ca: cert } });
    expect(names).toEqual(["localhost"]);
  });

  it("a wss: attempt treats an undefined part of tls as absent", async () => {
    const { key, cert } = await makeCertificate();
    const names: string[] = [];
    const SNICallback = (name: string, done: (error: Error | null, context?: SecureContext) => void) => {
      names.push(name);
      done(null, createSecureContext({ key, cert }));
    };
    const { port } = await serve({ tls: { key, cert, SNICallback, handshakeTimeout: undefined } });
    const tls = { ca: cert, servername: undefined, checkServerIdentity: undefined, ALPNProtocols: undefined };
    await open(`wss://localhost:${port}`, { tls: tls as ConnectionOptions });
    expect(names).toEqual(["localhost"]);
  });

  it("a wss: attempt sends nothing of the handshake before TLS is established", async () => {
    const controller = new AbortController();
    const { port, peers } = await script(async (peer) => {
      await peer.until("TLS's first record", () => peer.received.length > 100);
      controller.abort();
    });
    expect((await failure(connect(`wss://127.0.0.1:${port}`, { signal: controller.signal }))).code).toBe("ABORTED");
    const [peer] = peers;
    await peer?.end();
    // A TLS record of the kind "handshake".
    expect(peer?.received[0]).toBe(0x16);
    expect(peer?.received.toString("latin1")).not.toContain("GET");
  });

  it("a wss: attempt reports a server that does not speak TLS as such", async () => {
    const { port } = await serve();
    const error = await failure(connect(`wss://127.0.0.1:${port}`));
    expect(error.code).toBe("TLS_FAILED");
    expect(error.message).toContain("does not speak TLS");
    expect(error.cause).toBeInstanceOf(Error);
  });

  it("a wss: connection sends what was sent right after the promise was fulfilled, and what follows", async () => {
    const { key, cert } = await makeCertificate();
    const { server, url } = await serve({ tls: { key, cert } });
    echo(server);
    const connection = await open(url, { tls: { ca: cert } });
    const texts: unknown[] = [];
    const both = new Promise<void>((resolve) => {
      connection.on("message", (data) => texts.push(data) === 3 && resolve());
    });
    connection.send("one");
    await new Promise(process.nextTick);
    connection.send("two");
    await new Promise(setImmediate);
    connection.send("three");
    await both;
    expect(texts).toEqual(["one", "two", "three"]);
  });

  it("a wss: connection carries long messages in both directions unchanged", async () => {
    const { key, cert } = await makeCertificate();
    const { server, url } = await serve({ tls: { key, cert } });
    echo(server);
    const connection = await open(url, { tls: { ca: cert } });
    const sizes = [0, 1, 125, 126, 20_000, 65_536, 1 << 20, 5];
    const payloads = sizes.map((size, index) => Buffer.alloc(size, index + 1));
    for (const payload of payloads) connection.send(payload);
    const back: Buffer[] = [];
    for await (const data of connection) {
      back.push(data as Buffer);
      if (back.length === sizes.length) break;
    }
    expect(Buffer.concat(back).equals(Buffer.concat(payloads))).toBe(true);
  });
});

describe("what comes with the response", () => {
  it("frames in the same packet as the response are delivered", async () => {
    const { url } = await answering((request) =>
      Buffer.concat([
        Buffer.from(switching(request)),
        frame({ opcode: TEXT, payload: "one" }),
        frame({ opcode: BINARY, payload: Buffer.from([2]) }),
      ]),
    );
    const connection = await open(url);
    expect(await message(connection)).toBe("one");
    expect(await message(connection)).toEqual(Buffer.from([2]));
  });

  it("a message, a Close frame and the end of TCP in the same packet as the response are delivered", async () => {
    const { url } = await script(async (peer) => {
      const head = Buffer.from(switching(await peer.head()));
      peer.socket.end(Buffer.concat([head, frame({ opcode: TEXT, payload: "bye" }), closeFrame(4001, "gone")]));
    });
    const connection = await open(url);
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      connection.on("message", (data) => seen.push(data));
      connection.on("close", (code, reason) => {
        seen.push(code, reason);
        resolve();
      });
    });
    expect(seen).toEqual(["bye", 4001, "gone"]);
  });

  it("a message and the end of TCP without a Close frame in the packet of the response are delivered", async () => {
    const { url } = await script(async (peer) => {
      const head = Buffer.from(switching(await peer.head()));
      peer.socket.end(Buffer.concat([head, frame({ opcode: TEXT, payload: "bye" })]));
    });
    const connection = await open(url);
    const seen: unknown[] = [];
    await new Promise<void>((resolve) => {
      connection.on("message", (data) => seen.push(data));
      connection.on("close", (code, _reason, error) => {
        seen.push(code, error?.code);
        resolve();
      });
    });
    expect(seen).toEqual(["bye", 1006, "CUT_OFF"]);
  });

  it("a broken rule in the packet of the response fails the connection after the promise was fulfilled", async () => {
    const { url } = await answering((request) =>
      Buffer.concat([Buffer.from(switching(request)), Buffer.from([0xff, 0x00])]),
    );
    const connection = await open(url);
    const [error] = await once(connection, "error");
    expect(error).toMatchObject({ code: "RESERVED_BITS", closeCode: 1002 });
  });

  it("a response and frames that come in single bytes are read", async () => {
    const { url } = await script(async (peer) => {
      const bytes = Buffer.concat([
        Buffer.from(switching(await peer.head())),
        frame({ opcode: TEXT, payload: "slowly" }),
      ]);
      for (const byte of bytes) {
        peer.send(Buffer.from([byte]));
        await new Promise(setImmediate);
      }
    });
    expect(await message(await open(url))).toBe("slowly");
  });
});

describe("the client's frames", () => {
  /** RFC 6455 section 5.1 and 5.3. */
  it("RFC 6455 section 5.3: the client's frames are masked, each with a key of its own", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url);
    const peer = await accepted;
    connection.send("text");
    connection.send(Buffer.alloc(20_000, 1));
    connection.ping("ping");
    const keys = new Set<string>();
    for (let i = 0; i < 3; i++) {
      await peer.until("a frame", () => peer.received.length > 8);
      const header = peer.received.subarray(0, 8);
      const { masked, length } = await peer.frame();
      expect(masked).toBe(true);
      keys.add(length > 125n ? header.toString("hex", 4, 8) : header.toString("hex", 2, 6));
    }
    expect(keys.size).toBe(3);
  });

  it("RFC 6455 section 5.1: a masked frame of the server fails the client's connection", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url);
    const peer = await accepted;
    peer.send(frame({ opcode: TEXT, payload: "x", mask: [1, 2, 3, 4] }));
    const answer = await peer.frame();
    expect(answer).toMatchObject({ opcode: CLOSE, masked: true });
    expect(answer.payload.readUInt16BE()).toBe(1002);
    peer.socket.end();
    expect((await closed(connection))[0]).toBe(1006);
  });
});

/** RFC 6455 section 7.1.1: "the server MUST close the connection first" on a normal close. */
describe("the end of TCP", () => {
  it("RFC 6455 section 7.1.1: a client waits for the end of TCP after it has answered the server's Close frame", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url);
    const peer = await accepted;
    peer.send(closeFrame(1000, "done"));
    const answer = await peer.frame();
    expect([answer.opcode, answer.payload.readUInt16BE()]).toEqual([CLOSE, 1000]);
    peer.send(frame({ opcode: PING, payload: "late" }));
    await new Promise(setImmediate);
    expect(peer.ended).toBe(false);
    expect(connection.readyState).toBe(2);
    peer.socket.end();
    expect(await closed(connection)).toEqual([1000, "done"]);
    await peer.end();
  });

  it("RFC 6455 section 7.1.1: a client waits for the end of TCP after the server has answered its Close frame", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url);
    const peer = await accepted;
    connection.close(4000, "mine");
    const { payload } = await peer.frame();
    expect([payload.readUInt16BE(), payload.toString("utf8", 2)]).toEqual([4000, "mine"]);
    peer.send(closeFrame(4000));
    await new Promise(setImmediate);
    expect(peer.ended).toBe(false);
    peer.socket.end();
    expect(await closed(connection)).toEqual([4000, ""]);
  });

  it("a client waits for the end of TCP no longer than closeTimeout", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url, { closeTimeout: 50 });
    const peer = await accepted;
    peer.send(closeFrame(1000));
    expect(await closed(connection)).toEqual([1000, ""]);
    await peer.end();
  });

  it("a client ends TCP after closeTimeout if the server never answers its Close frame", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url, { closeTimeout: 50 });
    const peer = await accepted;
    connection.close(1000);
    const [code, , error] = await once(connection, "close");
    expect(code).toBe(1006);
    expect(error).toMatchObject({ code: "CLOSE_TIMEOUT", section: "RFC 6455 section 7.1.1" });
    await peer.end();
  });

  it("a client ends its side of TCP when the server ends without a Close frame", async () => {
    const { url, accepted } = await accepting();
    const connection = await open(url);
    const peer = await accepted;
    peer.socket.end();
    expect((await closed(connection))[0]).toBe(1006);
    await peer.end();
  });
});

it("connect() resolves a name, and tries its addresses in turn", async () => {
  const { server, port } = await serve();
  echo(server);
  const connection = await open(`ws://localhost:${port}/`);
  connection.send("by name");
  expect(await message(connection)).toBe("by name");
});

it("connect() connects to an IPv6 address", async ({ skip }) => {
  const probe = createServer().listen(0, "::1");
  const [result] = await Promise.race([once(probe, "listening").then(() => [null]), once(probe, "error")]).catch(
    (error) => [error],
  );
  probe.close();
  if (result !== null) skip("there is no IPv6 here");
  const { port, server } = await serve({ host: "::1" } as object);
  echo(server);
  const connection = await open(`ws://[::1]:${port}/`);
  connection.send("six");
  expect(await message(connection)).toBe("six");
});

it("connect() reads from its connection while an application fakes setImmediate", async () => {
  const { server, url } = await serve();
  echo(server);
  vi.useFakeTimers({ toFake: ["setImmediate"] });
  onTestFinished(() => void vi.useRealTimers());
  const connection = await connect(url);
  onTestFinished(() => connection.terminate());
  const received = once(connection, "message");
  connection.send("hello");
  expect(await received).toEqual(["hello"]);
});
