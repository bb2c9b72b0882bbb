import { once } from "node:events";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { type ConnectionOptions, createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { openSocket, targetOf } from "../../src/node/client-socket.ts";
import { argumentError } from "../support/argument-error.ts";
import { makeCertificate } from "../support/certificate.ts";

describe("targetOf", () => {
  test.each([
    ["ws://example.com/chat", { host: "example.com", port: 80, isSecure: false }],
    ["wss://example.com", { host: "example.com", port: 443, isSecure: true }],
    ["ws://example.com:8080", { host: "example.com", port: 8080, isSecure: false }],
    ["wss://127.0.0.1:443", { host: "127.0.0.1", port: 443, isSecure: true }],
    ["ws://[::1]:81", { host: "::1", port: 81, isSecure: false }],
  ])(
    "the target of %s has the host without brackets and the port of the scheme (RFC 6455 section 3)",
    (url, target) => {
      expect(targetOf(new URL(url))).toEqual(target);
    },
  );
});

const LOCAL = [{ address: "127.0.0.1", family: 4 }];

/** A socket, and what the server has of it once it has accepted it. */
async function opened(host: string, tls?: ConnectionOptions) {
  const certificate = tls === undefined ? undefined : await makeCertificate();
  const server = certificate === undefined ? createTcpServer() : createTlsServer(certificate);
  const accepted = once(server, certificate === undefined ? "connection" : "secureConnection");
  // Not awaited: a client that fails the TLS handshake may leave the server with a socket.
  onTestFinished(() => void server.close());
  server.on("connection", (socket: Socket) => onTestFinished(() => void socket.destroy()));
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const target = { host, port: (server.address() as AddressInfo).port, isSecure: tls !== undefined };
  const socket = openSocket(target, LOCAL, tls && { ca: certificate?.cert, ...tls });
  onTestFinished(() => void socket.destroy());
  return { socket, accepted };
}

describe("openSocket", () => {
  test("openSocket() connects to the resolved address, and resolves no name itself", async () => {
    const { socket } = await opened("name.invalid");
    await once(socket, "connect");
    expect(socket.remoteAddress).toBe("127.0.0.1");
  });

  test("RFC 6455 section 4.1, item 5: openSocket() names the host of a wss: URL in the TLS handshake", async () => {
    const { socket, accepted } = await opened("localhost", {});
    await once(socket, "secureConnect");
    expect(serverNameOf(await accepted)).toBe("localhost");
  });

  test("openSocket() names no host in the TLS handshake if the host is an address", async () => {
    const { socket, accepted } = await opened("127.0.0.1", {});
    await once(socket, "secureConnect");
    expect(serverNameOf(await accepted)).toBe(false);
  });

  test.each<[string, NonNullable<ConnectionOptions["checkServerIdentity"]>, string]>([
    [
      "throws",
      () => {
        throw new Error("thrown");
      },
      "thrown",
    ],
    [
      "throws a text",
      () => {
        throw "a text";
      },
      "a text",
    ],
    ["returns a text", () => "returned" as never, "returned"],
    ["returns an error", () => new Error("an error"), "an error"],
  ])(
    "openSocket() fails the socket, and not the process, if checkServerIdentity %s",
    async (_how, checkServerIdentity, message) => {
      const { socket } = await opened("localhost", { checkServerIdentity });
      const [error] = await once(socket, "error");
      expect(error).toMatchObject({ message });
    },
  );

  test("openSocket() accepts a certificate for which checkServerIdentity returns nothing or a false value", async () => {
    const { socket, accepted } = await opened("localhost", { checkServerIdentity: () => false as never });
    await once(socket, "secureConnect");
    await accepted;
    expect(socket.destroyed).toBe(false);
  });

  test("openSocket() throws for TLS options that node rejects", () => {
    const target = { host: "localhost", port: 1, isSecure: true };
    expect(() => openSocket(target, LOCAL, { cert: "not a certificate" })).toThrow(
      argumentError(TypeError, "OPTION_INVALID", /^tls cannot be used: /),
    );
  });
});

/** The name that a client has given in its TLS handshake. */
function serverNameOf([socket]: readonly unknown[]): unknown {
  return (socket as { readonly servername: unknown }).servername;
}
