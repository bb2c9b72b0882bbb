import { EventEmitter } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer } from "node:net";
import { describe, expect, test } from "vitest";
import { httpServer, isHttpServer } from "../../src/node/http-server-option.ts";
import { argumentError } from "../support/argument-error.ts";

const lookAlike = () => Object.assign(new EventEmitter(), { address: () => null });
const nest = { getHttpServer: () => createHttpServer() };
const fastify = { server: createHttpServer() };
const koa = { callback: () => () => {} };
const ofWs = Object.assign(lookAlike(), { handleUpgrade() {} });

describe("the option server", () => {
  test.each([
    ["an http.Server", createHttpServer()],
    ["an https.Server", createHttpsServer()],
    ["an emitter with an address, such as a server of another package", lookAlike()],
  ])("the option server may be %s", (_name, server) => {
    expect(httpServer(server, "server")).toBe(server);
    expect(isHttpServer(server)).toBe(true);
  });

  test.each<[string, unknown, string]>([
    ["an HTTP/2 server", createHttp2Server(), "WebSockets over HTTP/2 come in a later version"],
    ["an Express application", () => {}, "http.createServer(app)"],
    ["a port", 8080, "use port"],
    ["a Koa application", koa, "http.createServer(app.callback())"],
    ["a Nest application", nest, "app.getHttpServer()"],
    ["a Fastify application", fastify, "pass its property server"],
    ["a WebSocket server of another library", ofWs, "pass the http.Server that it is attached to"],
    ["a TCP server", createTcpServer(), "use port for a server without HTTP"],
    ["null", null, "not null"],
    ["undefined", undefined, "not undefined"],
  ])("the option server may not be %s, and the error says what to write instead", (_name, server, advice) => {
    const error = argumentError(TypeError, "OPTION_INVALID", /^server must be an http\.Server or an https\.Server/);
    expect(() => httpServer(server, "server")).toThrow(error);
    expect(() => httpServer(server, "server")).toThrow(advice);
  });
});

test.each([
  ["a TCP server", createTcpServer()],
  ["an object without methods", {}],
  ["a WebSocket server of another library", ofWs],
  ["a number", 80],
])("%s is not an HTTP server", (_name, value) => {
  expect(isHttpServer(value)).toBe(false);
});
