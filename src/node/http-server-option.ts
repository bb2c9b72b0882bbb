import { Server as HttpServer } from "node:http";
import { Server as HttpsServer } from "node:https";
import { Server as NetServer } from "node:net";
import { invalidOption, type Rule, wrongType } from "../arguments/index.ts";
import type { AnyHttpServer } from "./http-attachment.ts";

const ACCEPTED = "an http.Server or an https.Server";
const METHODS = ["on", "off", "listenerCount", "address"] as const satisfies (keyof AnyHttpServer)[];

/** A server that emits "upgrade", as node's http and https servers do; it need not listen yet. */
export const httpServer: Rule<AnyHttpServer> = (value, name) => {
  if (isHttp2Server(value)) {
    const message = `${name} must be ${ACCEPTED}: WebSockets over HTTP/2 come in a later version`;
    throw wrongType("OPTION_INVALID", message);
  }
  if (isHttpServer(value)) return value;
  throw invalidOption(name, ACCEPTED, value, advice(value));
};

function has<Name extends string>(value: object, method: Name): value is Record<Name, () => unknown> {
  return method in value && typeof Reflect.get(value, method) === "function";
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Whether it has the methods of one, since a server of another package may not be an instance of node's class. */
export function isHttpServer(value: unknown): value is AnyHttpServer {
  if (value instanceof HttpServer || value instanceof HttpsServer) return true;
  if (!isObject(value) || value instanceof NetServer || isWebSocketServer(value)) return false;
  return METHODS.every((method) => has(value, method));
}

/** A WebSocket server of any library is an emitter with an address, but never emits "upgrade". */
function isWebSocketServer(value: object): boolean {
  return has(value, "handleUpgrade");
}

/** Its classes are not exported; only their servers have this method. */
function isHttp2Server(value: unknown): boolean {
  return isObject(value) && has(value, "updateSettings");
}

function advice(value: unknown): string {
  // An Express application is a function. A Koa application makes such a function.
  if (typeof value === "function") return "pass the http.Server, i.e. http.createServer(app)";
  if (typeof value === "number") return "use port";
  if (!isObject(value)) return "";
  if (isWebSocketServer(value)) return "pass the http.Server that it is attached to";
  if (has(value, "getHttpServer")) return "pass app.getHttpServer()";
  if (has(value, "callback")) return "pass the http.Server, i.e. http.createServer(app.callback())";
  if ("server" in value && isHttpServer(value.server)) return "pass its property server";
  return value instanceof NetServer ? 'it never emits "upgrade": use port for a server without HTTP' : "";
}
