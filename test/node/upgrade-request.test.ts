import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { UpgradeRequest } from "../../src/node/upgrade-request.ts";
import { request } from "../support/heads.ts";
import { openWebSocket } from "../support/raw-peer.ts";
import { attach, serve } from "../support/servers.ts";

describe("UpgradeRequest", () => {
  it("an UpgradeRequest has the names of an IncomingMessage", () => {
    const socket = new PassThrough();
    const head = request({ Cookie: ["a=1", "b=2"] }, "GET /chat?room=1 HTTP/1.1");
    const upgrade = new UpgradeRequest(head, socket);
    expect(upgrade).toMatchObject({ method: "GET", url: "/chat?room=1", httpVersion: "1.1" });
    expect(upgrade.socket).toBe(socket);
    expect(upgrade.headers["cookie"]).toBe("a=1; b=2");
    expect(upgrade.headers["sec-websocket-version"]).toBe("13");
    expect(upgrade.rawHeaders.slice(0, 2)).toEqual(["Host", "server.example.com"]);
  });

  it("an UpgradeRequest wraps what node's server has parsed, with duplicate fields as they came", () => {
    const message = new IncomingMessage(new Socket());
    Object.assign(message, { method: "GET", url: "/x", httpVersion: "1.0", rawHeaders: ["Host", "a", "host", "b"] });
    const upgrade = UpgradeRequest.from(message, message.socket);
    expect(upgrade).toMatchObject({ method: "GET", url: "/x", target: "/x", httpVersion: "1.0" });
    expect(upgrade.fields.all("HOST")).toEqual(["a", "b"]);
    message.socket.destroy();
  });

  it("an UpgradeRequest accepts a message without method and URL", () => {
    const message = new IncomingMessage(new Socket());
    delete message.method;
    delete message.url;
    expect(UpgradeRequest.from(message, message.socket)).toMatchObject({ method: "", url: "" });
    message.socket.destroy();
  });

  it("an UpgradeRequest has no inherited header fields", () => {
    const { headers } = new UpgradeRequest(request({ __proto__x: "1" }), new PassThrough());
    expect(Object.getPrototypeOf(headers)).toBeNull();
    expect(headers["constructor"]).toBeUndefined();
  });

  it.each([
    ["on raw sockets", serve],
    ["beside an http.Server", attach],
  ])("an UpgradeRequest is the same for the application %s", async (_, start) => {
    const { server, port } = await start();
    const seen: UpgradeRequest[] = [];
    server.on("connection", (_connection, upgrade) => seen.push(upgrade));
    await openWebSocket(
      port,
      { "X-Lower": "1", "x-lower": "2", Cookie: ["a=1", "b=2; c=3"] },
      { line: "GET /a%20b?c=d HTTP/1.1" },
    );
    expect(seen[0]).toMatchObject({ method: "GET", url: "/a%20b?c=d", httpVersion: "1.1" });
    expect(seen[0]?.headers["x-lower"]).toBe("1, 2");
    expect(seen[0]?.headers["cookie"]).toBe("a=1; b=2; c=3");
    expect(seen[0]?.headers["host"]).toBe("server.example.com");
    expect(seen[0]?.socket.remoteAddress).toBe("127.0.0.1");
    expect(seen[0]?.rawHeaders).toContain("X-Lower");
  });
});
