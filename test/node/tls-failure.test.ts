import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, createServer as createTlsServer, type TLSSocket } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { type TlsFailure, tlsFailure } from "../../src/node/tls-failure.ts";
import { makeCertificate } from "../support/certificate.ts";

/** What becomes of a TLS handshake that a client ruins on a real server. */
async function failureOf(
  ruin: (port: number) => Socket,
  options: object = {},
): Promise<{ failure: TlsFailure | null; client: Socket }> {
  const server = createTlsServer({ ...(await makeCertificate()), ...options });
  // As PortListener does: node keeps the address of a closed socket only if it was read before.
  server.on("connection", (socket: Socket) => void socket.remoteAddress);
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const failing = once(server, "tlsClientError");
  const client = ruin((server.address() as AddressInfo).port);
  client.on("error", () => {});
  const [cause, socket] = (await failing) as [Error, TLSSocket];
  client.destroy();
  return { failure: tlsFailure(cause, socket), client };
}

describe("a TLS handshake that fails", () => {
  test("a TLS handshake that fails because the client speaks no TLS is described in one line, with the client's address and OpenSSL's error", async () => {
    const { failure } = await failureOf((port) => {
      const socket = connectTcp(port, "127.0.0.1");
      socket.write("GET / HTTP/1.1\r\n\r\n");
      return socket;
    });
    expect(failure).toMatchObject({
      remoteAddress: "127.0.0.1",
      error: { code: "TLS_FAILED", cause: expect.any(Error) },
    });
    expect(failure?.error.message).toMatch(/^[^\n]*http request[^\n]*$/i);
  });

  test("a TLS handshake that fails because the client rejects the certificate is described as such or as a closed connection", async () => {
    const { failure } = await failureOf((port) => connectTls({ port, host: "127.0.0.1", ca: [] }));
    expect(failure?.error.message).toMatch(
      /alert|the client closed the connection, perhaps because it rejected the certificate/,
    );
  });

  test("a TLS handshake that fails because the client leaves without a byte is not reported", async () => {
    const { failure } = await failureOf((port) => {
      const socket = connectTcp(port, "127.0.0.1");
      socket.on("connect", () => socket.end());
      return socket;
    });
    expect(failure).toBeNull();
  });

  test("a TLS handshake that fails because a callback throws has no more than 200 characters of its text, in one line", () => {
    const cause = new Error(`first line\n${"x".repeat(500)}`);
    const failure = tlsFailure(cause, {} as TLSSocket);
    expect(failure?.error.message).toContain("first line xxx");
    expect(failure?.error.message).not.toContain("x".repeat(200));
  });

  test("a TLS handshake that fails because the server rejects the client's certificate names the reason", () => {
    const cause = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    const socket = { authorizationError: "CERT_HAS_EXPIRED", remoteAddress: "192.0.2.1" } as unknown as TLSSocket;
    expect(tlsFailure(cause, socket)?.error.message).toContain(
      "the client's certificate was rejected, CERT_HAS_EXPIRED",
    );
  });
});
