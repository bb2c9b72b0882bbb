/** Interoperability with undici's WebSocket, the WHATWG class of node itself. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { Agent, type CloseEvent, type MessageEvent, WebSocket } from "undici";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Connection, UpgradeRequest } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { digest } from "../support/digest.ts";
import { closed, echo, serve } from "../support/servers.ts";
import { bytesOf, MIXED, SIZES, textOf } from "./payloads.ts";

type Options = ConstructorParameters<typeof WebSocket>[1];

async function client(url: string, options?: Options): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  socket.binaryType = "arraybuffer";
  onTestFinished(() => socket.close());
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("error", (event) => reject(event.error), { once: true });
  });
  return socket;
}

function nextMessage(socket: WebSocket): Promise<string | Buffer> {
  return new Promise((resolve) => {
    const onMessage = ({ data }: MessageEvent) => resolve(typeof data === "string" ? data : Buffer.from(data));
    socket.addEventListener("message", onMessage, { once: true });
  });
}

function nextClose(socket: WebSocket): Promise<CloseEvent> {
  return new Promise((resolve) => {
    socket.addEventListener("close", resolve, { once: true });
  });
}

describe("our server and undici's WebSocket", () => {
  it.each(SIZES)("our server and undici's WebSocket echo text and binary of %i bytes", async (size) => {
    const { server, url } = await serve();
    echo(server);
    const socket = await client(url);
    const text = nextMessage(socket);
    socket.send(textOf(size));
    expect(await text).toBe(textOf(size));
    const bytes = nextMessage(socket);
    socket.send(bytesOf(size));
    expect(bytesOf(size).equals((await bytes) as Buffer)).toBe(true);
  });

  it("our server and undici's WebSocket agree on a subprotocol, and on compression as it is offered", async () => {
    const { url } = await serve({ protocols: ["chat"], perMessageDeflate: true });
    const socket = await client(url, { protocols: ["x", "chat"] });
    expect(socket.protocol).toBe("chat");
    expect(socket.extensions).toBe("permessage-deflate");
  });

  it.each([
    ["", {}],
    ["; server_no_context_takeover", { serverNoContextTakeover: true }],
    ["; server_max_window_bits=9", { serverMaxWindowBits: 9 }],
    ["; server_max_window_bits=8; client_max_window_bits=12", { serverMaxWindowBits: 8, clientMaxWindowBits: 12 }],
    [
      "; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12",
      { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 12 },
    ],
  ])("our server and undici's WebSocket exchange messages with permessage-deflate%s", async (parameters, options) => {
    const { server, url } = await serve({ perMessageDeflate: { ...options, threshold: 0 } });
    echo(server);
    const connected = once(server, "connection") as Promise<[Connection, UpgradeRequest]>;
    const socket = await client(url);
    expect(socket.extensions).toBe(`permessage-deflate${parameters}`);
    const messages = [...MIXED, ...MIXED];
    const echoed: string[] = [];
    const done = new Promise<void>((resolve, reject) => {
      socket.addEventListener("close", ({ code, reason }) => reject(new Error(`closed with ${code} ${reason}`)));
      socket.addEventListener("message", ({ data }) => {
        if (echoed.push(digest(typeof data === "string" ? data : Buffer.from(data))) === messages.length) resolve();
      });
    });
    for (const each of messages) socket.send(each);
    await done;
    expect(echoed).toEqual(messages.map(digest));
    // undici reads compressed messages, but sends its own without compression.
    const { bytesRead, bytesWritten } = (await connected)[1].socket as Socket;
    expect(bytesWritten).toBeLessThan(bytesRead / 2);
  });

  it("our server receives the pong of undici's WebSocket to its ping", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    await client(url);
    const [connection] = await connected;
    connection.ping("there?");
    expect(String((await once(connection, "pong"))[0])).toBe("there?");
  });

  it.each<[number | undefined, string]>([
    [1000, "done"],
    [4999, "größe"],
    [undefined, ""],
  ])("our server and undici's WebSocket close if the client closes with %s", async (code, reason) => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const socket = await client(url);
    const ours = closed((await connected)[0]);
    const theirs = nextClose(socket);
    socket.close(code, reason);
    expect(await ours).toEqual([code ?? 1005, reason]);
    expect(await theirs).toMatchObject({ code: code ?? 1005, wasClean: true });
  });

  it("our server and undici's WebSocket close with the server's code and reason", async () => {
    const { server, url } = await serve();
    server.on("connection", (connection) => connection.close(1013, "try again later"));
    const socket = await client(url);
    expect(await nextClose(socket)).toMatchObject({ code: 1013, reason: "try again later", wasClean: true });
  });

  it("undici's WebSocket reports an unclean close if our server terminates", async () => {
    const { server, url } = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const socket = await client(url);
    const theirs = nextClose(socket);
    (await connected)[0].terminate();
    expect(await theirs).toMatchObject({ code: 1006, wasClean: false });
  });

  it("our server and undici's WebSocket connect over TLS", async () => {
    const { key, cert } = await makeCertificate();
    const { server, url } = await serve({ tls: { key, cert } });
    echo(server);
    const dispatcher = new Agent({ connect: { ca: cert } });
    onTestFinished(() => dispatcher.destroy());
    const socket = await client(url, { dispatcher });
    const text = nextMessage(socket);
    socket.send("over TLS");
    expect(await text).toBe("over TLS");
  });

  it("our server refuses a foreign origin of undici's WebSocket", async () => {
    const { url } = await serve();
    await expect(client(url, { headers: { Origin: "https://evil.example" } })).rejects.toBeDefined();
    await client(url, { headers: { Origin: "http://127.0.0.1:1" } });
  });
});
