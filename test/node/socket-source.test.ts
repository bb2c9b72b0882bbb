import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { NO_SOURCE, notListening, portAddress } from "../../src/node/socket-source.ts";

function tcpServer(): Server {
  const server = createServer();
  onTestFinished(() => void server.close());
  return server;
}

describe("portAddress", () => {
  test("portAddress() gives the address of a server that listens on a port", async () => {
    const server = tcpServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    expect(portAddress(server)).toEqual(server.address());
  });

  test("portAddress() throws for a server that does not listen yet, and says what to wait for", () => {
    expect(() => portAddress(tcpServer())).toThrow("does not listen on a port: wait for its 'listening' event");
  });

  test("portAddress() throws for a server that listens on a pipe, and names the pipe", () => {
    const server = { address: () => "/run/app.sock" } as Server;
    expect(() => portAddress(server)).toThrow('it listens on the pipe "/run/app.sock"');
  });
});

describe("a server with noServer", () => {
  test("a server with noServer has no address, and the error says which server to ask", () => {
    expect(() => NO_SOURCE.address()).toThrow("with noServer, ask the server that emits the upgrades");
  });

  test("a server with noServer has nothing to close", async () => {
    expect(await NO_SOURCE.close()).toBeUndefined();
  });
});

test("the error of a server that does not listen says why", () => {
  expect(notListening("it was closed").message).toBe("the server does not listen on a port: it was closed");
});
