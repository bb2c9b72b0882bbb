import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server, createSecureServer as createSecureHttp2Server } from "node:http2";
import type { AddressInfo, LookupFunction, Server } from "node:net";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect, type Extension } from "../../src/index.ts";
import { makeCertificate, makeFlawedCertificate } from "../support/certificate.ts";
import { failureOf } from "../support/connect-failure.ts";
import { cutAt } from "../support/frames.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { watchResources } from "../support/resources.ts";
import { runs } from "../support/runs.ts";
import { script, serve, serveHttp, switching } from "../support/servers.ts";

/** Has a server listen on a free port until the test is finished. */
async function listening(server: Pick<Server, "listen" | "close" | "address">): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** A port of 127.0.0.1 without a server. */
async function freePort(): Promise<number> {
  const { server, port } = await serve();
  await server.close();
  return port;
}

describe("a server of another protocol", () => {
  /**
   * RFC 9112 section 4. The server waits for more, as an SSH server would, so that only its first bytes can end this.
   */
  it.each([
    ["an SSH banner", "SSH-2.0-OpenSSH_9.2\r\n", String.raw`"SSH-2.0-OpenSSH_9.2\r\n" (SSH)`],
    ["an SMTP greeting", "220 mail.example ESMTP\r\n", String.raw`"220 mail.example ESMTP\r\n"`],
    ["a TLS alert", "\x15\x03\x03\0\x02\x02\x46", String.raw`"\x15\x03\x03\x00\x02\x02F" (TLS: use a wss: URL)`],
    ["binary bytes", "\xff\xfe\0\x1b[31m", String.raw`"\xff\xfe\x00\x1b[31m"`],
    ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", String.raw`"PRI * HTTP/2.0\r\n`],
    ["HTTP/2 in a status line", "HTTP/2.0 101 Switching\r\n\r\n", String.raw`"HTTP/2.0 101 Switching\r\n\r\n"`],
    ["HTTP/0.9", "<html>hello</html>", '"<html>hello</html>"'],
    ["an empty line", "\r\n", String.raw`"\r\n"`],
    ["much", "x".repeat(100_000), `"${"x".repeat(100)}..."`],
  ])(
    "a server of another protocol fails the attempt by its first bytes, which the error has: %s",
    async (_, bytes, shown) => {
      const { url, peers } = await script((peer) => peer.send(bytes));
      const unchanged = watchResources(peers);
      const error = await failureOf(url);
      expect(error).toMatchObject({ code: "RESPONSE_MALFORMED", section: "RFC 9112 section 4", response: null });
      expect(error.message).toContain(`it begins with ${shown}`);
      await unchanged();
    },
  );

  it("an HTTP/2 server fails the attempt by its first bytes", async () => {
    const port = await listening(createHttp2Server());
    const error = await failureOf(`ws://127.0.0.1:${port}`);
    expect(error).toMatchObject({ code: "RESPONSE_MALFORMED", section: "RFC 9112 section 4" });
    expect(error.message).toContain("(HTTP/2)");
  });

  it("a server of another protocol fails the attempt by its first bytes, whatever they are and however they are cut", async () => {
    let pieces: readonly Buffer[] = [];
    const { url } = await script(async (peer) => {
      peer.socket.on("error", () => {});
      for (const piece of pieces) {
        peer.send(piece);
        await new Promise(setImmediate);
      }
    });
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 20 }).filter(([first]) => first !== 0x48);
    const start = fc.tuple(fc.constantFrom("", "H", "HTTP/", "HTTP/1"), bytes).map(([prefix, rest]) => {
      return Buffer.concat([Buffer.from(prefix), rest]);
    });
    const other = start.filter((bytes) => {
      const text = bytes.toString("latin1");
      return !text.startsWith("HTTP/1.") && !"HTTP/1.".startsWith(text);
    });
    await fc.assert(
      fc.asyncProperty(other, fc.array(fc.nat(20), { maxLength: 4 }), async (bytes, places) => {
        pieces = cutAt(bytes, places).filter((piece) => piece.length > 0);
        const error = await failureOf(url);
        expect(error.code).toBe("RESPONSE_MALFORMED");
        expect(error.message).toMatch(/^[ -~]+$/);
        const [, shown = ""] = /it begins with "(.*)"/.exec(error.message) ?? [];
        expect(shown).not.toBe("");
      }),
      { numRuns: runs(0.5) },
    );
  });

  it("a server that sends another protocol behind an interim response fails the attempt", async () => {
    const { url } = await script((peer) => peer.send("HTTP/1.1 103 Early Hints\r\n\r\n220 mail\r\n"));
    const error = await failureOf(url);
    expect(error.code).toBe("RESPONSE_MALFORMED");
    expect(error.message).toContain(String.raw`it begins with "220 mail\r\n"`);
  });

  it.each([
    ["an HTTP server", () => listening(createHttpServer())],
    ["an SSH banner", async () => (await script((peer) => peer.send("SSH-2.0-OpenSSH_9.2\r\n"))).port],
    ["binary bytes", async () => (await script((peer) => peer.send("\xff".repeat(50)))).port],
  ])("a server that does not speak TLS fails a wss: attempt with an error of one line: %s", async (_, start) => {
    const error = await failureOf(`wss://127.0.0.1:${await start()}`);
    expect(error).toMatchObject({ code: "TLS_FAILED", section: "RFC 6455 section 4.1" });
    expect(error.message).toMatch(/^the server does not speak TLS on this port \(without TLS, use a ws: URL\): .+$/);
    expect(error.cause).toHaveProperty("code");
  });

  it("a server that expects TLS fails a ws: attempt, and the error mentions wss:", async () => {
    const { http, port } = await serveHttp(await makeCertificate());
    http.on("tlsClientError", (_error, socket) => socket.destroy());
    const error = await failureOf(`ws://127.0.0.1:${port}`);
    expect(error.code).toBe("CUT_OFF");
    expect(error.message).toContain("if it expects TLS, the URL needs wss:");
  });
});

describe("a response that breaks a rule of HTTP", () => {
  const throwing: Extension = {
    name: "x-throws",
    rsv: 0x20,
    offers: () => [[]],
    answer: () => null,
    agree: () => {
      throw new Error("not\nlike\nthat");
    },
  };
  const withLine = (line: string) => (request: string) => switching(request).replace("\r\n\r\n", `\r\n${line}\r\n\r\n`);
  const limit = "RFC 9110 section 5.4";

  it.each<[string, (request: string) => string, string, string, string]>([
    [
      "a NUL in a field",
      withLine("A: b\0c"),
      "RESPONSE_MALFORMED",
      "RFC 9110 section 5.5",
      String.raw`control character: "A: b\x00"`,
    ],
    ["an escape in a name", withLine("A\x1b: b"), "RESPONSE_MALFORMED", "RFC 9112 section 5", String.raw`"A\x1b"`],
    ["a line without a colon", withLine("Abc"), "RESPONSE_MALFORMED", "RFC 9112 section 5", 'no colon: "Abc"'],
    [
      "a name that is not a token",
      withLine("A(b): c"),
      "RESPONSE_MALFORMED",
      "RFC 9112 section 5",
      'not a token: "A(b): c"',
    ],
    ["a space before a colon", withLine("A : b"), "RESPONSE_MALFORMED", "RFC 9112 section 5.1", '"A : b"'],
    [
      "a bare LF",
      withLine("A: b\nC: d"),
      "RESPONSE_MALFORMED",
      "RFC 9112 section 2.2",
      String.raw`bare CR or LF: "A: b\n"`,
    ],
    ["a bare CR", withLine("A: b\rC: d"), "RESPONSE_MALFORMED", "RFC 9112 section 2.2", String.raw`"A: b\rC"`],
    [
      "white space before the first field",
      (request) => switching(request).replace("\r\n", "\r\n A: b\r\n"),
      "RESPONSE_MALFORMED",
      "RFC 9112 section 2.2",
      '" A: b"',
    ],
    [
      "a NUL in the status line",
      (request) => switching(request).replace("Switching", "Swit\0ching"),
      "RESPONSE_MALFORMED",
      "RFC 9112 section 4",
      String.raw`control character: "HTTP/1.1 101 Swit\x00"`,
    ],
    ["no status", () => "HTTP/1.1 hello\r\n\r\n", "RESPONSE_MALFORMED", "RFC 9112 section 4", '"HTTP/1.1 hello"'],
    [
      "101 in HTTP/1.0",
      (request) => switching(request).replace("HTTP/1.1", "HTTP/1.0"),
      "RESPONSE_MALFORMED",
      "RFC 6455 section 4.2.2",
      "HTTP/1.0",
    ],
    [
      "many fields",
      withLine("A: b\r\n".repeat(200).trim()),
      "RESPONSE_TOO_LARGE",
      limit,
      "more header fields than maxHeaders",
    ],
    ["a long head", withLine(`A: ${"b".repeat(20_000)}`), "RESPONSE_TOO_LARGE", limit, "longer than maxHeadBytes"],
    [
      "many interim responses",
      (request) => "HTTP/1.1 102 Processing\r\n\r\n".repeat(17) + switching(request),
      "RESPONSE_TOO_LARGE",
      "RFC 9110 section 15.2",
      "too many interim responses precede the response: more than 16",
    ],
    ["an invalid status", () => "HTTP/1.1 099 Odd\r\n\r\n", "STATUS_NOT_101", "RFC 6455 section 4.1", "99 Odd"],
    [
      "a reason that controls a terminal",
      () => "HTTP/1.1 403 \x9b31mNo\r\n\r\n",
      "STATUS_NOT_101",
      "RFC 6455 section 4.1",
      String.raw`403 \x9b31mNo`,
    ],
    [
      "an extension that throws",
      (request) => switching(request, { "Sec-WebSocket-Extensions": "x-throws" }),
      "EXTENSION_ANSWER_INVALID",
      "RFC 6455 section 9.1",
      "not like that",
    ],
  ])(
    "a response that breaks a rule of HTTP fails with its section and what was wrong: %s",
    async (_, answer, code, section, text) => {
      const { url, peers } = await script(async (peer) => peer.send(answer(await peer.head())));
      const unchanged = watchResources(peers);
      const error = await failureOf(url, { extensions: [throwing] });
      expect(error).toMatchObject({ code, section });
      expect(error.message).toContain(text);
      expect(error.message).toContain(`(${section})`);
      expect(error.message).toMatch(/^[ -~]+$/);
      await unchanged();
    },
  );

  it("RFC 9112 section 5.2: a response that folds a field is accepted, and its lines are joined", async () => {
    const { url } = await script(async (peer) => peer.send(withLine("A: b\r\n c")(await peer.head())));
    const connection = await connect(url);
    expect(connection.readyState).toBe(1);
    connection.terminate();
  });
});

describe("a connection that cannot be opened", () => {
  it.each([
    ["an address", "127.0.0.1"],
    ["a name", "localhost"],
  ])("a connection that is refused is CONNECTION_REFUSED (%s)", async (_, host) => {
    const port = await freePort();
    const unchanged = watchResources();
    const error = await failureOf(`ws://${host}:${port}`);
    expect(error).toMatchObject({ code: "CONNECTION_REFUSED", section: "RFC 6455 section 4.1" });
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED" });
    await unchanged();
  });

  it("a connection that is refused by all addresses of a name is CONNECTION_REFUSED", async () => {
    const port = await freePort();
    const addresses = ["127.0.0.1", "127.0.0.2"].map((address) => ({ address, family: 4 }));
    const lookup: LookupFunction = (_host, _options, callback) => callback(null, addresses);
    const error = await failureOf(`wss://localhost:${port}`, { concurrent: true, tls: { lookup } });
    expect(error.code).toBe("CONNECTION_REFUSED");
    expect(error.cause).toBeInstanceOf(AggregateError);
    expect(error.message).toContain("127.0.0.1");
    expect(error.message).toContain("127.0.0.2");
  });

  it("a connection to port 0 fails", async () => {
    expect((await failureOf("ws://127.0.0.1:0")).cause).toHaveProperty("code");
  });

  it("a connection to a host that does not exist is HOST_NOT_FOUND", async () => {
    const unchanged = watchResources();
    // A label of DNS has at most 63 bytes, so no name server is asked.
    const error = await failureOf(`ws://${"a".repeat(64)}.invalid`);
    expect(["HOST_NOT_FOUND", "LOOKUP_FAILED"]).toContain(error.code);
    expect(error.cause).toHaveProperty("syscall", "getaddrinfo");
    await unchanged();
  });
});

describe("TLS that fails", () => {
  it.each([
    ["has expired", { validFrom: -2 }, "has expired", "CERT_HAS_EXPIRED"],
    ["is not valid yet", { validFrom: 1 }, "not valid yet", "CERT_NOT_YET_VALID"],
    ["is for another name", { name: "other.example" }, "for another name", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("TLS fails because the certificate %s", async (_, flaws, text, systemCode) => {
    const certificate = await makeFlawedCertificate(flaws);
    const { port } = await serve({ tls: certificate });
    const unchanged = watchResources();
    const error = await failureOf(`wss://localhost:${port}`, { tls: { ca: certificate.cert } });
    expect(error).toMatchObject({ code: "CERTIFICATE_REJECTED", section: "RFC 6455 section 4.1" });
    expect(error.message).toContain(text);
    expect(error.cause).toMatchObject({ code: systemCode });
    await unchanged();
  });

  it("TLS fails because the authority of the certificate is unknown", async () => {
    const { url } = await serve({ tls: await makeCertificate() });
    const error = await failureOf(url);
    expect(error).toMatchObject({ code: "CERTIFICATE_REJECTED", cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" } });
    expect(error.message).toContain("tls: { ca }");
  });

  it.each<[string, () => unknown]>([
    ["returns an error", () => new Error("wrong pin")],
    ["returns a string", () => "wrong pin"],
    [
      "throws",
      () => {
        throw new Error("wrong pin");
      },
    ],
  ])("TLS fails because the application's checkServerIdentity %s", async (_, check) => {
    const certificate = await makeCertificate();
    const { url } = await serve({ tls: certificate });
    const checkServerIdentity = check as () => undefined;
    const error = await failureOf(url, { tls: { ca: certificate.cert, checkServerIdentity } });
    expect(error).toMatchObject({ code: "CERTIFICATE_REJECTED", cause: { message: "wrong pin" } });
    expect(error.message).toContain("wrong pin");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)(
    "TLS fails because the server wants a certificate (%s)",
    async (maxVersion) => {
      const certificate = await makeCertificate();
      const { url } = await serve({ tls: { ...certificate, requestCert: true, maxVersion } });
      const error = await failureOf(url, { tls: { ca: certificate.cert } });
      expect(error).toMatchObject({ code: "TLS_FAILED", section: "RFC 6455 section 4.1" });
      expect(error.message).toContain("alert");
    },
  );

  it("TLS fails because client and server have no version in common", async () => {
    const certificate = await makeCertificate();
    const { url } = await serve({ tls: { ...certificate, minVersion: "TLSv1.3" } });
    const error = await failureOf(url, { tls: { ca: certificate.cert, maxVersion: "TLSv1.2" } });
    expect(error.code).toBe("TLS_FAILED");
  });

  it("TLS fails because the server speaks HTTP/2 only", async () => {
    const certificate = await makeCertificate();
    const port = await listening(createSecureHttp2Server(certificate));
    const error = await failureOf(`wss://127.0.0.1:${port}`, { tls: { ca: certificate.cert } });
    expect(error.code).toBe("TLS_FAILED");
    expect(error.message).toContain("no application protocol");
  });
});

describe("a server that ends the connection", () => {
  const ending: [string, (peer: RawPeer) => unknown][] = [
    ["ends", (peer) => peer.socket.end()],
    ["resets", (peer) => peer.socket.resetAndDestroy()],
  ];

  it.each(
    ending.flatMap(([how, end]) =>
      [true, false].flatMap((isSecure) => [
        [`${how} at once`, isSecure, end] as const,
        [`${how} after the first bytes`, isSecure, (peer: RawPeer) => once(peer, end)] as const,
      ]),
    ),
  )("a server that ends the connection %s (wss: %s) is CUT_OFF, once, and leaves nothing", async (_, isSecure, end) => {
    const { port, peers } = await script(end);
    const unchanged = watchResources(peers);
    const error = await failureOf(`${isSecure ? "wss" : "ws"}://127.0.0.1:${port}`);
    expect(error).toMatchObject({ code: "CUT_OFF", section: "RFC 6455 section 4.1" });
    await unchanged();
  });

  it.each([
    ["nothing", "", "the server sent nothing"],
    ["a part of the status line", "HTTP/1.1 1", "the server sent a part of a response"],
    ["an interim response", "HTTP/1.1 103 Early Hints\r\n\r\n", "the server sent a part of a response"],
  ])("a server that ends the connection after %s is reported as such", async (_, start, text) => {
    const certificate = await makeCertificate();
    for (const tls of [undefined, certificate]) {
      const { url } = await script(async (peer) => {
        await peer.head();
        peer.socket.end(start);
      }, tls);
      const error = await failureOf(url, { tls: { ca: certificate.cert } });
      expect(error.code).toBe("CUT_OFF");
      expect(error.message).toContain(text);
    }
  });
});

/** Does this once the other side has sent something. */
function once(peer: RawPeer, act: (peer: RawPeer) => unknown): Promise<unknown> {
  return peer.until("anything", () => peer.received.length > 0).then(() => act(peer));
}
