/** Interoperability with `ws`, in both roles. */
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Connection } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { attach, closed, echo, message, open, refusals, serve } from "../support/servers.ts";
import { bytesOf, SIZES, textOf } from "./payloads.ts";
import { accepted, wsClient, wsEcho, wsMessage, wsServer } from "./ws-peers.ts";

describe.each([
  ["on raw sockets", serve],
  ["beside an http.Server", attach],
])("our server %s and the client of ws", (_, start) => {
  it.each(SIZES)("our server and the client of ws echo text and binary of %i bytes", async (size) => {
    const { server, url } = await start();
    echo(server);
    const client = await wsClient(url);
    client.send(textOf(size));
    expect(await wsMessage(client)).toBe(textOf(size));
    client.send(bytesOf(size));
    expect(bytesOf(size).equals((await wsMessage(client)) as Buffer)).toBe(true);
  });
});

describe("our server and the client of ws", () => {
  it("our server and the client of ws join fragments of a message with a ping between them", async () => {
    const { server, url } = await serve();
    echo(server);
    const client = await wsClient(url);
    const [pong, text] = [once(client, "pong"), wsMessage(client)];
    client.send("one ", { fin: false });
    client.send("", { fin: false });
    client.ping("between");
    client.send("two ✓", { fin: true });
    expect(String((await pong)[0])).toBe("between");
    expect(await text).toBe("one two ✓");
    const parts = [bytesOf(10), bytesOf(70_000), bytesOf(0)];
    for (const [index, part] of parts.entries()) client.send(part, { binary: true, fin: index === parts.length - 1 });
    expect(Buffer.concat(parts).equals((await wsMessage(client)) as Buffer)).toBe(true);
  });

  it("our server and the client of ws ping each other", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const client = await wsClient(url);
    const [connection] = await connected;
    const pong = once(connection, "pong");
    connection.ping("from us");
    expect(String((await pong)[0])).toBe("from us");
    client.ping(Buffer.alloc(125, 7));
    expect((await once(client, "pong"))[0]).toEqual(Buffer.alloc(125, 7));
  });

  it.each<[number | undefined, string]>([
    [1000, "done"],
    [4999, "größe"],
    [undefined, ""],
  ])("our server and the client of ws close if the client closes with %s", async (code, reason) => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const client = await wsClient(url);
    const [connection] = await connected;
    const ours = closed(connection);
    client.close(code, reason);
    const [theirCode] = await once(client, "close");
    expect(await ours).toEqual([code ?? 1005, reason]);
    expect(theirCode).toBe(code ?? 1005);
  });

  it.each<[number | undefined, string]>([
    [1000, "done"],
    [1013, "try again later"],
    [3000, ""],
    [undefined, ""],
  ])("our server and the client of ws close if the server closes with %s", async (code, reason) => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const client = await wsClient(url);
    const [connection] = await connected;
    const ours = closed(connection);
    connection.close(code, reason);
    const [theirCode, theirReason] = await once(client, "close");
    expect([theirCode, String(theirReason)]).toEqual([code ?? 1005, reason]);
    expect((await ours)[0]).toBe(code ?? 1005);
  });

  it("our server and the client of ws agree on a subprotocol and on compression", async () => {
    const { url } = await serve({ protocols: ["b", "a"], perMessageDeflate: true });
    const client = await wsClient(url, ["x", "a", "b"], { perMessageDeflate: true });
    expect(client.protocol).toBe("a");
    expect(client.extensions).toBe("permessage-deflate");
  });

  it("our server refuses the client of ws, and both report it", async () => {
    const { server, url } = await serve({ origins: ["https://a.example"] });
    const refused = refusals(server);
    const client = new WebSocket(url, { origin: "https://b.example" });
    client.on("error", () => {});
    const [, response] = await once(client, "unexpected-response");
    expect(response.statusCode).toBe(403);
    expect(refused[0]?.code).toBe("ORIGIN_FORBIDDEN");
    response.resume();
    client.terminate();
  });

  it("our server and the client of ws connect over TLS", async () => {
    const { key, cert } = await makeCertificate();
    const { server, url } = await serve({ tls: { key, cert } });
    echo(server);
    const client = await wsClient(url, [], { ca: cert });
    for (const size of SIZES) {
      client.send(bytesOf(size));
      expect(bytesOf(size).equals((await wsMessage(client)) as Buffer)).toBe(true);
    }
  });

  it("our server and the client of ws close with 1009 if a message is too big", async () => {
    const { server, url } = await serve({ maxPayload: 1000 });
    echo(server);
    const client = await wsClient(url);
    client.send(bytesOf(1001));
    expect((await once(client, "close"))[0]).toBe(1009);
  });

  it("our server and the client of ws report 1006 if one of them terminates", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const client = await wsClient(url);
    const [connection] = await connected;
    connection.terminate();
    expect((await once(client, "close"))[0]).toBe(1006);
    const again = once(server, "connection") as Promise<[Connection]>;
    const other = await wsClient(url);
    const [second] = await again;
    other.terminate();
    expect((await closed(second))[0]).toBe(1006);
  });
});

describe("our client and the server of ws", () => {
  it.each(SIZES)("our client and the server of ws echo text and binary of %i bytes", async (size) => {
    const { server, url } = await wsServer();
    wsEcho(server);
    const connection = await open(url);
    connection.send(textOf(size));
    expect(await message(connection)).toBe(textOf(size));
    connection.send(bytesOf(size));
    expect(bytesOf(size).equals((await message(connection)) as Buffer)).toBe(true);
  });

  it("our client and the server of ws join fragments of a message", async () => {
    const { server, url } = await wsServer();
    server.on("connection", (socket) => {
      socket.send("é", { fin: false });
      socket.ping("between");
      socket.send("✓", { fin: true });
      socket.send(bytesOf(40_000), { fin: false, binary: true });
      socket.send(bytesOf(50_000), { fin: true });
    });
    const connection = await open(url);
    expect(await message(connection)).toBe("é✓");
    const whole = Buffer.concat([bytesOf(40_000), bytesOf(50_000)]);
    expect(whole.equals((await message(connection)) as Buffer)).toBe(true);
  });

  it("our client and the server of ws ping each other", async () => {
    const { server, url } = await wsServer();
    const peer = accepted(server);
    const connection = await open(url);
    const socket = await peer;
    connection.ping("from us");
    expect(String((await once(connection, "pong"))[0])).toBe("from us");
    socket.ping("from them");
    expect(String((await once(socket, "pong"))[0])).toBe("from them");
  });

  it.each<[number | undefined, string]>([
    [1000, "done"],
    [4000, "größe"],
    [undefined, ""],
  ])("our client and the server of ws close if the client closes with %s", async (code, reason) => {
    const { server, url } = await wsServer();
    const peer = accepted(server);
    const connection = await open(url);
    const theirs = once(await peer, "close");
    connection.close(code, reason);
    expect((await closed(connection))[0]).toBe(code ?? 1005);
    const [theirCode, theirReason] = await theirs;
    expect([theirCode, String(theirReason)]).toEqual([code ?? 1005, reason]);
  });

  it.each<[number | undefined, string]>([
    [1001, "going away"],
    [4999, ""],
    [undefined, ""],
  ])("our client and the server of ws close if the server closes with %s", async (code, reason) => {
    const { server, url } = await wsServer();
    const peer = accepted(server);
    const connection = await open(url);
    const socket = await peer;
    const theirs = once(socket, "close");
    socket.close(code, reason);
    expect(await closed(connection)).toEqual([code ?? 1005, reason]);
    expect((await theirs)[0]).toBe(code ?? 1005);
  });

  it("our client and the server of ws agree on a subprotocol and on compression", async () => {
    const { url } = await wsServer({
      perMessageDeflate: true,
      handleProtocols: (offered) => (offered.has("b") ? "b" : false),
    });
    const connection = await open(url, { protocols: ["a", "b"], perMessageDeflate: true });
    expect(connection.protocol).toBe("b");
    expect(connection.extensions).toBe("permessage-deflate");
  });

  it("our client and the server of ws deliver everything after backpressure of either side", async () => {
    const { server, url } = await wsServer();
    wsEcho(server);
    const connection = await open(url, { maxQueuedAmount: 1000 });
    const count = 50;
    for (let i = 0; i < count; i++) connection.send(bytesOf(30_000));
    let received = 0;
    for await (const data of connection) {
      expect(data.length).toBe(30_000);
      if (++received === count) break;
    }
  });

  it("our client reports a refusal of the server of ws by an error that has the response", async () => {
    const { url } = await wsServer({
      verifyClient: (_info, respond) => respond(false, 418, "teapot", { "X-Tea": "yes" }),
    });
    await expect(open(url)).rejects.toMatchObject({
      code: "STATUS_NOT_101",
      response: { status: 418, headers: { "x-tea": "yes" } },
    });
  });
});
