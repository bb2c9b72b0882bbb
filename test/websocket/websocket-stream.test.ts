import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { ConnectError, WebSocketError, WebSocketStream, type WebSocketStreamOptions } from "../../src/index.ts";
import { makeCertificate } from "../support/certificate.ts";
import { turn } from "../support/connection-harness.ts";
import { domException } from "../support/dom-exception.ts";
import { BINARY, CLOSE, frame, TEXT } from "../support/frames.ts";
import { attach, closed, echo, script, serve, switching } from "../support/servers.ts";
import { settled } from "../support/stream-harness.ts";
import { watchUncaught } from "../support/uncaught.ts";

const NOWHERE = "ws://127.0.0.1:1/";

/** A stream whose URL nobody serves, to look at its arguments. */
function make(...given: unknown[]): WebSocketStream {
  return Reflect.construct(WebSocketStream, given);
}

describe("the constructor of WebSocketStream", () => {
  test("throws a TypeError without a URL, and without new", () => {
    expect(() => make()).toThrow(/WebSocketStream needs at least 1 argument, but got 0/);
    expect(() => (WebSocketStream as unknown as (url: string) => void)(NOWHERE)).toThrow(TypeError);
  });

  test.each(["invalid:", "not a URL", "ftp://127.0.0.1/", `${NOWHERE}#fragment`, `${NOWHERE}#`])(
    "step 2: %s throws a SyntaxError",
    (url) => {
      expect(() => make(url)).toThrow(domException("SyntaxError", /URL/));
    },
  );

  test.each([
    [NOWHERE, undefined, NOWHERE],
    ["http://127.0.0.1:1/a?b", null, "ws://127.0.0.1:1/a?b"],
    [new URL("wss://127.0.0.1:1/ü"), {}, "wss://127.0.0.1:1/%C3%BC"],
    ["../chat", { base: "https://127.0.0.1:1/a/b/" }, "wss://127.0.0.1:1/a/chat"],
  ])("steps 1, 2 and 5: the url of %s is resolved, and ws or wss", async (url, options, expected) => {
    const stream = make(url, options);
    expect(stream.url).toBe(expected);
    stream.close();
    await settled(stream.closed);
  });

  test.each([[["a", "a"]], [["a b"]], [[""]]])("step 4: the protocols %j throw a SyntaxError", (protocols) => {
    expect(() => make(NOWHERE, { protocols })).toThrow(domException("SyntaxError", /subprotocol/));
  });

  test.each([true, "chat", 1, ["chat"]])("options that are not a dictionary throw a TypeError: %j", (options) => {
    expect(() => make(NOWHERE, options)).toThrow(TypeError);
  });

  test("has the members of the interface on its prototype, as Web IDL has it", () => {
    const names = Object.keys(Object.getOwnPropertyDescriptors(WebSocketStream.prototype)).sort();
    expect(names).toEqual(["close", "closed", "constructor", "opened", "url"]);
    expect(Object.keys(WebSocketStream.prototype).sort()).toEqual(["close", "closed", "opened", "url"]);
    expect([WebSocketStream.length, WebSocketStream.prototype.close.length]).toEqual([1, 0]);
    expect(Object.prototype.toString.call(WebSocketStream.prototype)).toBe("[object WebSocketStream]");
  });

  test("its promises reject, and its other members throw a TypeError, for objects that are not WebSocketStreams", async () => {
    for (const name of ["opened", "closed"]) {
      await expect(Reflect.get(WebSocketStream.prototype, name, {})).rejects.toThrow(TypeError);
    }
    expect(() => Reflect.get(WebSocketStream.prototype, "url", {})).toThrow(TypeError);
    expect(() => WebSocketStream.prototype.close.call({} as WebSocketStream)).toThrow(TypeError);
  });
});

describe.each(["TCP", "TLS"])("over %s", (carrier) => {
  async function serving(): Promise<{ url: string; options: WebSocketStreamOptions }> {
    const tls = carrier === "TLS" ? await makeCertificate() : undefined;
    const { server, url } = await serve({ protocols: ["v2", "v1"], perMessageDeflate: true, ...(tls && { tls }) });
    echo(server);
    return { url, options: tls === undefined ? {} : { tls: { ca: tls.cert } } };
  }

  test("opened resolves with the streams, the extensions and the subprotocol in use", async () => {
    const { url, options } = await serving();
    const stream = new WebSocketStream(url, { ...options, protocols: ["v1", "other"], perMessageDeflate: true });
    expect(stream.opened).toBe(stream.opened);
    const { readable, writable, extensions, protocol } = await stream.opened;
    expect([extensions, protocol]).toEqual(["permessage-deflate", "v1"]);
    expect([readable, writable]).toEqual([expect.any(ReadableStream), expect.any(WritableStream)]);
    stream.close();
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
  });

  test("messages come back as chunks of their type, and closing the writable closes in order", async () => {
    const { url, options } = await serving();
    const stream = new WebSocketStream(url, { ...options, protocols: ["v1"] });
    const { readable, writable } = await stream.opened;
    const [reader, writer] = [readable.getReader(), writable.getWriter()];
    const bytes = new Uint8Array(300_000).fill(7);
    for (const chunk of ["héllo", bytes, ""]) {
      await writer.write(chunk);
      const { value } = await reader.read();
      expect(value).toEqual(chunk);
      expect(value?.constructor).toBe(chunk.constructor);
    }
    await writer.close();
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
    expect(await reader.read()).toEqual({ value: undefined, done: true });
  });

  test("the code and the reason of close() reach the server, and come back", async () => {
    const tls = carrier === "TLS" ? await makeCertificate() : undefined;
    const { server, url } = await serve(tls === undefined ? {} : { tls });
    const connected = once(server, "connection");
    const stream = new WebSocketStream(url, tls === undefined ? {} : { tls: { ca: tls.cert } });
    await stream.opened;
    const [connection] = await connected;
    stream.close({ closeCode: 3456, reason: "pizza" });
    expect(await closed(connection)).toEqual([3456, "pizza"]);
    expect(await stream.closed).toEqual({ closeCode: 3456, reason: "pizza" });
  });
});

describe("the opening", () => {
  test("sends the headers, the origin and the subprotocols of the options", async () => {
    const { url, peers } = await script(() => {});
    const options = { headers: { "X-Own": "1" }, origin: "https://example.com", protocols: new Set(["a", "b"]) };
    const stream = new WebSocketStream(url, options);
    await expect.poll(() => peers.length, { timeout: 60_000 }).toBe(1);
    const request = await peers[0]?.head();
    for (const line of ["X-Own: 1", "Origin: https://example.com", "Sec-WebSocket-Protocol: a, b"]) {
      expect(request).toContain(line);
    }
    stream.close();
    await settled(stream.closed);
  });

  test("fails if the server refuses it: opened and closed reject with a WebSocketError each", async () => {
    const { port } = await attach();
    const stream = new WebSocketStream(`ws://127.0.0.1:${port}/`, { headers: { Origin: "https://foreign.example" } });
    const opened = await settled(stream.opened);
    const end = await settled(stream.closed);
    expect(opened).toEqual({
      rejected: expect.objectContaining({ constructor: WebSocketError, closeCode: null, reason: "" }),
    });
    expect(end).toEqual({
      rejected: expect.objectContaining({ constructor: WebSocketError, closeCode: 1006, reason: "" }),
    });
    const { cause } = (end as { rejected: WebSocketError }).rejected;
    expect(cause).toBeInstanceOf(ConnectError);
    expect(cause).toMatchObject({ code: "STATUS_NOT_101", response: { status: 403 } });
  });

  test("fails if the server chooses none of the subprotocols that were offered", async () => {
    const { url } = await serve();
    const stream = new WebSocketStream(url, { protocols: ["a"] });
    await expect(stream.opened).rejects.toMatchObject({ cause: { code: "SUBPROTOCOL_MISSING" } });
  });

  test("that fails is not reported as an unhandled rejection if nobody looks", async () => {
    const uncaught = watchUncaught();
    const stream = new WebSocketStream(NOWHERE);
    await stream.closed.catch(() => {});
    await turn();
    expect(uncaught).toEqual([]);
    const other = new WebSocketStream(NOWHERE);
    await settled(other.opened);
    await turn();
    expect(uncaught).toEqual([]);
  });

  test("that the application closes fails with 1006, and the server sees the end of the socket", async () => {
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      stream.close({ closeCode: 4000, reason: "never sent" });
      await peer.end();
    });
    const stream = new WebSocketStream(url);
    await expect(stream.opened).rejects.toMatchObject({ name: "WebSocketError", closeCode: null });
    await expect(stream.closed).rejects.toMatchObject({ closeCode: 1006, reason: "", message: /closed before/ });
    await peers[0]?.end();
    expect(peers[0]?.received).toHaveLength(0);
    stream.close();
  });

  test("close() checks its argument while connecting, and a wrong one changes nothing", async () => {
    const { server, url } = await serve();
    echo(server);
    const stream = new WebSocketStream(url);
    expect(() => stream.close({ closeCode: 1001 })).toThrow(domException("InvalidAccessError", /1001/));
    expect(() => stream.close(true as never)).toThrow(TypeError);
    await stream.opened;
    stream.close();
    await stream.closed;
    expect(() => stream.close({ reason: "x".repeat(124) })).toThrow(domException("SyntaxError", /124/));
    expect(() => stream.close({ closeCode: 4000 })).not.toThrow();
  });
});

describe("the signal", () => {
  test("step 8.2: one that is aborted already rejects both promises with its reason, and nothing is connected", async () => {
    const { url, peers } = await script(() => {});
    const stream = new WebSocketStream(url, { signal: AbortSignal.abort("the reason") });
    expect(await settled(stream.opened)).toEqual({ rejected: "the reason" });
    expect(await settled(stream.closed)).toEqual({ rejected: "the reason" });
    stream.close();
    expect(peers).toEqual([]);
  });

  test("step 8.3.1: abort() during the opening rejects both promises with the reason, and ends the socket", async () => {
    const controller = new AbortController();
    const reason = new Error("changed my mind");
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      controller.abort(reason);
    });
    const stream = new WebSocketStream(url, { signal: controller.signal });
    expect(await settled(stream.opened)).toEqual({ rejected: reason });
    expect(await settled(stream.closed)).toEqual({ rejected: reason });
    await peers[0]?.end();
    expect(peers[0]?.ended).toBe(true);
  });

  test("abort() after the opening does nothing", async () => {
    const { server, url } = await serve();
    echo(server);
    const controller = new AbortController();
    const stream = new WebSocketStream(url, { signal: controller.signal });
    const { readable, writable } = await stream.opened;
    controller.abort();
    void writable.getWriter().write("connected");
    expect((await readable.getReader().read()).value).toBe("connected");
    stream.close();
    expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
  });
});

describe("messages that come with the response of the handshake", () => {
  test("are delivered, and so is a Close frame behind them", async () => {
    const { url } = await script(async (peer) => {
      const response = Buffer.from(switching(await peer.head()), "latin1");
      const close = { opcode: CLOSE, payload: Buffer.from([0x0f, 0xa1, 0x62]) };
      const frames = [{ opcode: TEXT, payload: "first" }, { opcode: BINARY, payload: Buffer.from([9]) }, close];
      peer.socket.end(Buffer.concat([response, ...frames.map(frame)]));
    });
    const stream = new WebSocketStream(url);
    const { readable } = await stream.opened;
    const all: unknown[] = [];
    for await (const chunk of readable) all.push(chunk);
    expect(all).toEqual(["first", new Uint8Array([9])]);
    expect(await stream.closed).toEqual({ closeCode: 4001, reason: "b" });
  });
});

test("setting any property on a WebSocketStream changes nothing of its work", async () => {
  const { server, url } = await serve();
  echo(server);
  const stream = new WebSocketStream(url) as WebSocketStream & Record<string, unknown>;
  for (const name of ["onMessage", "onClosed", "onOpen", "streams", "endpoint", "put", "resolve", "reject"]) {
    stream[name] = () => {
      throw new Error(`${name} was called`);
    };
  }
  const { readable, writable } = await stream.opened;
  void writable.getWriter().write("fine");
  expect((await readable.getReader().read()).value).toBe("fine");
  stream.close();
  expect(await stream.closed).toEqual({ closeCode: 1005, reason: "" });
});
