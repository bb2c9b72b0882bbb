/** The interface of the WHATWG WebSockets standard, over real sockets. */
import { once } from "node:events";
import { afterEach, describe, expect, it, test } from "vitest";
import { type Connection, WebSocket } from "../../src/index.ts";
import { argumentError } from "../support/argument-error.ts";
import { makeCertificate } from "../support/certificate.ts";
import { domException } from "../support/dom-exception.ts";
import { closed, echo, type Serving, script, serve, switching } from "../support/servers.ts";
import { connecting, type LooseSocket, loose, nextEvent, opened, pair } from "../support/web-sockets.ts";

const LooseWebSocket = WebSocket as unknown as new (...given: unknown[]) => LooseSocket;

const globals = globalThis as { location?: unknown; WebSocket?: unknown };

afterEach(() => {
  delete globals.location;
});

describe("Web IDL: the class", () => {
  const accessors = ["url", "readyState", "bufferedAmount", "extensions", "protocol"];
  const attributes = ["binaryType", "onopen", "onmessage", "onerror", "onclose"];

  it("is an EventTarget with one required argument, and a tag of its own", () => {
    expect(Object.getPrototypeOf(WebSocket)).toBe(EventTarget);
    expect(Object.getPrototypeOf(WebSocket.prototype)).toBe(EventTarget.prototype);
    expect([WebSocket.name, WebSocket.length]).toEqual(["WebSocket", 1]);
    expect(Object.getOwnPropertyDescriptor(WebSocket.prototype, Symbol.toStringTag)).toEqual({
      value: "WebSocket",
      configurable: true,
      enumerable: false,
      writable: false,
    });
  });

  it.each(Object.entries({ CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 }))(
    "has the constant %s on itself and on its prototype, which nobody can change",
    (name, value) => {
      for (const place of [WebSocket, WebSocket.prototype]) {
        const descriptor = { value, enumerable: true, configurable: false, writable: false };
        expect(Object.getOwnPropertyDescriptor(place, name)).toEqual(descriptor);
      }
    },
  );

  it("has enumerable accessors on its prototype, read-only where the standard says so", () => {
    for (const name of [...accessors, ...attributes]) {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
      expect(descriptor, name).toMatchObject({ enumerable: true, configurable: true });
      expect([name, typeof descriptor?.get, typeof descriptor?.set]).toEqual([
        name,
        "function",
        attributes.includes(name) ? "function" : "undefined",
      ]);
    }
  });

  it("has enumerable methods with as many required arguments as the standard says", () => {
    for (const [name, length] of [
      ["send", 1],
      ["close", 0],
      ["addEventListener", 2],
      ["removeEventListener", 2],
    ] as const) {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
      expect(descriptor).toMatchObject({ enumerable: true, configurable: true, writable: true });
      expect([descriptor?.value.name, descriptor?.value.length]).toEqual([name, length]);
    }
  });

  it("throws a TypeError for other objects, and without new", () => {
    for (const name of [...accessors, ...attributes]) {
      const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name);
      for (const other of [{}, WebSocket.prototype, null]) {
        expect(() => descriptor?.get?.call(other), name).toThrow(TypeError);
        if (descriptor?.set !== undefined) expect(() => descriptor.set?.call(other, null), name).toThrow(TypeError);
      }
    }
    expect(() => WebSocket.prototype.send.call({} as WebSocket, "x")).toThrow(TypeError);
    expect(() => WebSocket.prototype.close.call({} as WebSocket)).toThrow(TypeError);
    expect(() => (WebSocket as unknown as () => void)()).toThrow(TypeError);
  });

  it("can be extended, and an application's own methods cannot break it", async () => {
    class Own extends WebSocket {
      override dispatchEvent(): boolean {
        throw new Error("never called");
      }
      override addEventListener(): void {
        throw new Error("never called");
      }
      onMessage(): void {
        throw new Error("never called");
      }
      listeners(): void {
        throw new Error("never called");
      }
    }
    const { server, url } = await serve();
    echo(server);
    const socket = new Own(url);
    const data = await new Promise((resolve) => {
      socket.onopen = () => socket.send("x");
      socket.onmessage = (event) => resolve(event.data);
    });
    expect(data).toBe("x");
    socket.close();
  });

  it("works as globalThis.WebSocket", async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
    const { server, url } = await serve();
    echo(server);
    Object.defineProperty(globalThis, "WebSocket", { value: WebSocket, configurable: true, writable: true });
    try {
      const text = "const socket = new WebSocket(url); socket.onopen = () => socket.send('x'); return socket;";
      const socket: WebSocket = new Function("url", text)(url);
      expect((await nextEvent(socket, "message")).data).toBe("x");
      socket.close();
    } finally {
      if (own === undefined) delete globals.WebSocket;
      else Object.defineProperty(globalThis, "WebSocket", own);
    }
  });
});

describe("constructor", () => {
  it("throws a TypeError without a URL", () => {
    expect(() => new LooseWebSocket()).toThrow(TypeError);
    expect(() => new LooseWebSocket()).toThrow(/needs at least 1 argument/);
  });

  test("step 1: the base URL is that of globalThis.location, or the option base", async () => {
    const { url } = await serve();
    globals.location = { href: `${url.replace("ws:", "http:")}/folder/page`, origin: url.replace("ws:", "http:") };
    expect((await opened("chat")).url).toBe(`${url}/folder/chat`);
    expect((await opened("/x", { base: url })).url).toBe(`${url}/x`);
  });

  test.each([
    ["step 3: cannot be parsed", "/relative", /cannot be parsed/],
    ["step 6: has another scheme", "ftp://a/", /must be ws, wss, http or https/],
    ["step 7: has a fragment", "ws://a/#b", /has a fragment/],
  ])("%s: the URL throws a SyntaxError", (_, url, words) => {
    expect(() => new WebSocket(url)).toThrow(domException("SyntaxError", words));
  });

  test("steps 4 and 5: http: and https: are taken for ws: and wss:", async () => {
    const { url } = await serve();
    expect((await opened(url.replace("ws:", "http:"))).url).toBe(`${url}/`);
    expect((await opened(new URL(`${url}/ä?b`))).url).toBe(`${url}/%C3%A4?b`);
  });

  test("step 8: subprotocols are a string or a sequence", async () => {
    const { url } = await serve({ protocols: ["b", "a"] });
    expect((await opened(url, "a")).protocol).toBe("a");
    expect((await opened(url, ["x", "b"])).protocol).toBe("b");
    expect((await opened(url, new Set(["a"]))).protocol).toBe("a");
    expect((await opened(url, { protocols: ["a"] })).protocol).toBe("a");
    expect((await opened(url, [])).protocol).toBe("");
  });

  test("step 9: subprotocols that are not tokens or occur twice throw a SyntaxError", () => {
    expect(() => new WebSocket("ws://a/", ["a", "a"])).toThrow(domException("SyntaxError", /given twice/));
    expect(() => new WebSocket("ws://a/", "a b")).toThrow(domException("SyntaxError", /must be a token/));
    expect(() => new WebSocket("ws://a/", "")).toThrow(domException("SyntaxError", /must be a token/));
  });

  test("step 11: the socket connects while the constructor has returned, and its state is CONNECTING", async () => {
    const { url } = await serve();
    const socket = connecting(url);
    expect([socket.readyState, socket.protocol, socket.extensions, socket.bufferedAmount, socket.binaryType]).toEqual([
      0,
      "",
      "",
      0,
      "blob",
    ]);
    await nextEvent(socket, "open");
    expect(socket.readyState).toBe(1);
  });

  it("takes options in the place of the subprotocols, and rejects those that it does not have", async () => {
    const { url } = await serve({ perMessageDeflate: true });
    expect((await opened(url, { perMessageDeflate: false })).extensions).toBe("");
    expect(() => new LooseWebSocket("ws://a/", { proxy: "http://b" })).toThrow(
      argumentError(TypeError, "OPTION_UNKNOWN", /"proxy" is not an option of WebSocket/),
    );
  });

  it("throws for a header field that cannot be sent, and leaves no socket behind", () => {
    expect(() => new WebSocket("ws://127.0.0.1:1/", { headers: { "a b": "c" } })).toThrow(
      argumentError(TypeError, "HEADER_INVALID", /not the name of a header field/),
    );
  });
});

describe("opening handshake", () => {
  /** The head of the request that a socket sends. */
  async function requestOf(make: (url: string) => WebSocket): Promise<string> {
    const heads: string[] = [];
    const { url } = await script(async (peer) => {
      const head = await peer.head();
      heads.push(head);
      peer.send(switching(head));
    });
    await nextEvent(make(url), "open");
    return heads[0] as string;
  }

  it("sends user and password of the URL as Basic credentials, byte by byte", async () => {
    const head = await requestOf((url) => connecting(url.replace("//", "//me:p%C3%A4%ff@")));
    const credentials = /^Authorization: Basic (.*)$/m.exec(head)?.[1] ?? "";
    expect([...Buffer.from(credentials, "base64")]).toEqual([...Buffer.from("me:pä"), 0xff]);
  });

  it("sends the origin that is given", async () => {
    const head = await requestOf((url) => connecting(url, { origin: "https://page.example" }));
    expect(head).toContain("\r\nOrigin: https://page.example");
  });

  it("sends the origin of globalThis.location", async () => {
    globals.location = { href: "https://page.example/x", origin: "https://page.example" };
    expect(await requestOf((url) => connecting(url))).toContain("\r\nOrigin: https://page.example");
  });

  it("sends no origin if none is known", async () => {
    expect(await requestOf((url) => connecting(url))).not.toMatch(/^origin:/im);
  });

  it("sends the header fields that are given", async () => {
    expect(await requestOf((url) => connecting(url, { headers: { Cookie: "a=b" } }))).toContain("\r\nCookie: a=b");
  });

  it("offers permessage-deflate", async () => {
    expect(await requestOf((url) => connecting(url))).toMatch(/^Sec-WebSocket-Extensions: permessage-deflate/m);
  });

  it("fails if the server chooses none of the subprotocols that are offered", async () => {
    const { url } = await serve();
    const socket = connecting(url, ["a", "b"]);
    const { error } = await nextEvent(socket, "error");
    expect(error).toMatchObject({ name: "ConnectError", code: "SUBPROTOCOL_MISSING" });
    expect(await nextEvent(socket, "close")).toMatchObject({ code: 1006, reason: "", wasClean: false });
  });

  it("does not follow redirects", async () => {
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.send("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    });
    const { error } = await nextEvent(connecting(url), "error");
    expect(error).toMatchObject({ code: "STATUS_NOT_101", response: { status: 302 } });
  });

  it("runs through TLS for wss:", async () => {
    const certificate = await makeCertificate();
    const { server, url } = await serve({ tls: certificate });
    echo(server);
    const socket = await opened(url, { tls: { ca: certificate.cert } });
    socket.send("secret");
    expect(await nextEvent(socket, "message")).toMatchObject({ data: "secret", origin: url });
  });
});

describe("binaryType", () => {
  it("is blob at first, takes arraybuffer, and ignores every other value", async () => {
    const { socket } = await pair();
    const any = loose(socket);
    expect(any.binaryType).toBe("blob");
    any.binaryType = "arraybuffer";
    for (const value of ["", "Blob", "nodebuffer", null, undefined, 5]) any.binaryType = value;
    expect(any.binaryType).toBe("arraybuffer");
    any.binaryType = { toString: () => "blob" };
    expect(any.binaryType).toBe("blob");
    expect(() => {
      any.binaryType = Symbol("s");
    }).toThrow(TypeError);
  });
});

describe("an option that is no part of the standard", () => {
  test("signal: aborting it fails a socket that is connecting", async () => {
    const { url } = await script(() => {});
    const controller = new AbortController();
    const socket = connecting(url, { signal: controller.signal });
    const failed = nextEvent(socket, "error");
    controller.abort(new Error("changed my mind"));
    expect((await failed).error).toMatchObject({ code: "ABORTED", cause: { message: "changed my mind" } });
  });

  test("maxPayload: a longer message fails the connection with 1009", async () => {
    const { server, url }: Serving<undefined> = await serve();
    const connected = once(server, "connection") as Promise<[Connection]>;
    const socket = await opened(url, { maxPayload: 10 });
    const [peer] = await connected;
    const ended = closed(peer);
    const failed = nextEvent(socket, "error");
    peer.send("01234567890");
    expect((await failed).error).toMatchObject({ name: "ConnectionError", closeCode: 1009 });
    expect((await ended)[0]).toBe(1009);
  });
});
