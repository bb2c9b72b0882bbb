import { PassThrough } from "node:stream";
import { describe, expect, onTestFinished, test } from "vitest";
import type { AcceptorOptions } from "../../src/node/acceptor-options.ts";
import { framesFor } from "../support/carriers.ts";
import { closeFrame, text } from "../support/connection-harness.ts";
import { AcceptorLog, makeAcceptor } from "../support/endpoint-carriers.ts";
import { ask, openRaw, openWebSocket, upgrade } from "../support/raw-peer.ts";
import { serveHttp } from "../support/servers.ts";

async function listening(options: Partial<AcceptorOptions> = {}) {
  const log = new AcceptorLog();
  const acceptor = makeAcceptor({ port: 0, host: "127.0.0.1", ...options } as AcceptorOptions, log);
  await log.until("listening");
  return { log, acceptor, port: acceptor.address().port };
}

const nobody = { closeAll() {}, terminateAll() {} };

describe("an acceptor on a port", () => {
  test("an acceptor on a port reports that it listens, and each accepted endpoint with its terms and its request", async () => {
    const { log, port } = await listening({ protocols: ["chat"], authenticate: () => "Ada" });
    const { head } = await openWebSocket(port, { "Sec-WebSocket-Protocol": "chat" });
    expect(log.events).toEqual(["listening", "accepted"]);
    expect(head).toContain("Sec-WebSocket-Protocol: chat");
    expect(log.accepted[0]).toMatchObject({ auth: "Ada", request: { url: "/chat" }, terms: { protocol: "chat" } });
  });

  test("an acceptor on a port lets an endpoint read only after its face was attached, and passes on frames that came with the request", async () => {
    const { log, port } = await listening();
    const peer = await openRaw(port);
    peer.send(Buffer.concat([Buffer.from(upgrade(), "latin1"), framesFor("server", text("early"), closeFrame(4000))]));
    await peer.head();
    await peer.frame();
    expect(log.face.of("onMessage")).toEqual([[1, "early"]]);
    expect(log.face.faults).toEqual([]);
  });

  test("an acceptor on a port reports a request that it has refused, with the address of the client", async () => {
    const { log, port } = await listening({ path: "/other" });
    const response = await ask(port, upgrade());
    expect(response.status).toBe(404);
    expect(log.events).toEqual(["listening", "refused"]);
    expect(log.refused[0]).toMatchObject({ code: "PATH_NOT_FOUND" });
  });

  test("an acceptor on a port reports that its port is taken, and its address says so", async () => {
    const { port } = await listening();
    const log = new AcceptorLog();
    const second = makeAcceptor({ port, host: "127.0.0.1" }, log);
    await log.until("error");
    expect(log.errors[0]).toMatchObject({ code: "EADDRINUSE" });
    expect(() => second.address()).toThrow(/^the server does not listen on a port: .*EADDRINUSE/);
  });
});

test("an acceptor beside an http.Server accepts its upgrades, and has its address", async () => {
  const { http, port } = await serveHttp();
  const log = new AcceptorLog();
  const acceptor = makeAcceptor({ server: http }, log);
  await openWebSocket(port);
  expect(log.events).toContain("accepted");
  expect(acceptor.address()).toEqual(http.address());
});

test("an acceptor without a server of its own accepts what it is given, and each socket once", async () => {
  const { http, port } = await serveHttp();
  const log = new AcceptorLog();
  const acceptor = makeAcceptor({ noServer: true }, log);
  const errors: unknown[] = [];
  http.on("upgrade", (request, socket, head) => {
    acceptor.handleUpgrade(request, socket, head);
    try {
      acceptor.handleUpgrade(request, socket, head);
    } catch (error) {
      errors.push(error);
    }
  });
  await openWebSocket(port);
  expect(log.events).toEqual(["accepted"]);
  expect(errors).toEqual([expect.objectContaining({ code: "SOCKET_ALREADY_ADOPTED" })]);
});

test("an acceptor destroys a socket that had ended before it was given, and reports nothing", () => {
  const log = new AcceptorLog();
  const socket = new PassThrough();
  onTestFinished(() => void socket.destroy());
  socket.end();
  const request = { method: "GET", url: "/", httpVersion: "1.1", rawHeaders: [] };
  makeAcceptor({ noServer: true }, log).handleUpgrade(request as never, socket, Buffer.alloc(0));
  expect(socket.destroyed).toBe(true);
  expect(log.events).toEqual([]);
});

describe("close()", () => {
  test("close() of an acceptor refuses a pending handshake with 503, and accepts nothing any more", async () => {
    let begun = () => {};
    const authenticating = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const authenticate = () => {
      begun();
      return new Promise<never>(() => {});
    };
    const { log, acceptor, port } = await listening({ authenticate });
    const peer = await openRaw(port);
    peer.send(upgrade());
    await authenticating;
    const closing = acceptor.close(nobody, { timeout: 10_000, signal: undefined });
    expect((await peer.response()).status).toBe(503);
    await closing;
    expect(log.refused).toEqual([expect.objectContaining({ code: "SERVER_CLOSING" })]);
    expect(() => acceptor.address()).toThrow("it was closed");
  });

  test("close() of an acceptor is fulfilled once every endpoint is closed, and starts the closing of each with 1001", async () => {
    const { log, acceptor, port } = await listening();
    const { peer } = await openWebSocket(port);
    const codes: number[] = [];
    const closing = acceptor.close(
      {
        closeAll: (code, reason) => {
          codes.push(code);
          for (const { endpoint } of log.accepted) endpoint.close({ code, reason });
        },
        terminateAll() {},
      },
      { timeout: 10_000, signal: undefined },
    );
    const { payload } = await peer.frame();
    expect(payload.readUInt16BE()).toBe(1001);
    peer.socket.end(framesFor("server", closeFrame(1001)));
    await closing;
    expect(codes).toEqual([1001]);
    expect(log.face.has("onClosed")).toBe(true);
  });
});
