import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../src/index.ts";
import { failure } from "../support/connect-failure.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { open, script, switching } from "../support/servers.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A server that answers when the test says so. */
async function holding() {
  const requests: { peer: RawPeer; head: string }[] = [];
  const watchers: (() => void)[] = [];
  const serving = await script(async (peer) => {
    const head = await peer.head();
    requests.push({ peer, head });
    for (const watcher of watchers) watcher();
  });
  const arrived = (count: number) =>
    new Promise<void>((resolve) => {
      const look = () => requests.length >= count && resolve();
      watchers.push(look);
      look();
    });
  const answer = (index: number) => {
    const request = requests[index];
    request?.peer.send(switching(request.head));
  };
  return { ...serving, requests, arrived, answer };
}

function timedOut(milliseconds: number, awaited: string) {
  return {
    code: "HANDSHAKE_TIMEOUT",
    section: "RFC 6455 section 4.1",
    message: expect.stringContaining(`${milliseconds} ms passed while waiting for ${awaited}`),
  };
}

describe("handshakeTimeout", () => {
  it("handshakeTimeout runs while the host name is being resolved", async () => {
    const { port } = await holding();
    const attempt = failure(connect(`ws://localhost:${port}`, { handshakeTimeout: 500 }));
    vi.advanceTimersByTime(500);
    expect(await attempt).toMatchObject(timedOut(500, "the host name to be resolved"));
  });

  it("handshakeTimeout runs while another attempt to the same address is under way, and leaves that one alone", async () => {
    const { url, arrived, answer, peers } = await holding();
    const first = open(url);
    const second = failure(connect(url, { handshakeTimeout: 500 }));
    await arrived(1);
    vi.advanceTimersByTime(500);
    expect(await second).toMatchObject(timedOut(500, "another attempt to the same address"));
    answer(0);
    await first;
    expect(peers).toHaveLength(1);
  });

  it("handshakeTimeout runs while the TCP connection is being opened", async () => {
    const { url } = await holding();
    const attempt = failure(connect(url, { handshakeTimeout: 500 }));
    vi.advanceTimersByTime(500);
    expect(await attempt).toMatchObject(timedOut(500, "the TCP connection"));
  });

  it("handshakeTimeout runs while TLS is being established", async () => {
    let helloArrived = () => {};
    const hello = new Promise<void>((resolve) => {
      helloArrived = resolve;
    });
    const { port } = await script(async (peer) => {
      await peer.until("TLS's first record", () => peer.received.length > 100);
      helloArrived();
    });
    const attempt = failure(connect(`wss://127.0.0.1:${port}`, { handshakeTimeout: 500 }));
    await hello;
    vi.advanceTimersByTime(500);
    expect(await attempt).toMatchObject(timedOut(500, "the TLS handshake"));
  });

  it("handshakeTimeout runs while the response is awaited", async () => {
    const { url, arrived } = await holding();
    const attempt = failure(connect(url, { handshakeTimeout: 500 }));
    await arrived(1);
    vi.advanceTimersByTime(500);
    expect(await attempt).toMatchObject(timedOut(500, "the response"));
  });

  it("handshakeTimeout runs from the call, whatever the attempt has been through", async () => {
    const { url, arrived, answer } = await holding();
    const first = open(url);
    const second = failure(connect(url, { handshakeTimeout: 500 }));
    await arrived(1);
    vi.advanceTimersByTime(400);
    answer(0);
    await first;
    await arrived(2);
    vi.advanceTimersByTime(99);
    let isOver = false;
    void second.then(() => {
      isOver = true;
    });
    await new Promise(setImmediate);
    expect(isOver).toBe(false);
    vi.advanceTimersByTime(1);
    expect(await second).toMatchObject(timedOut(500, "the response"));
  });

  it("handshakeTimeout ends five attempts to one address at the same moment, and four of them open no socket", async () => {
    const { url, arrived, peers } = await holding();
    const attempts = Array.from({ length: 5 }, () => failure(connect(url, { handshakeTimeout: 500 })));
    await arrived(1);
    vi.advanceTimersByTime(500);
    const errors = await Promise.all(attempts);
    expect(errors.map(({ code }) => code)).toEqual(Array(5).fill("HANDSHAKE_TIMEOUT"));
    await peers[0]?.end();
    expect(peers).toHaveLength(1);
  });

  it("an attempt that exceeds handshakeTimeout gives its turn to the next", async () => {
    const { url, arrived, answer } = await holding();
    const first = failure(connect(url, { handshakeTimeout: 500 }));
    const second = open(url, { handshakeTimeout: 1000 });
    await arrived(1);
    vi.advanceTimersByTime(500);
    expect((await first).code).toBe("HANDSHAKE_TIMEOUT");
    await arrived(2);
    answer(1);
    expect((await second).readyState).toBe(1);
  });

  it("an attempt leaves no timer behind, whether it fails or succeeds", async () => {
    const { url, arrived, answer } = await holding();
    const before = vi.getTimerCount();
    const first = failure(connect(url, { handshakeTimeout: 500 }));
    const second = failure(connect("ws://127.0.0.1:1", { handshakeTimeout: 500 }));
    const third = open(url, { pingInterval: 0 });
    await arrived(1);
    vi.advanceTimersByTime(500);
    await Promise.all([first, second]);
    await arrived(2);
    answer(1);
    await third;
    expect(vi.getTimerCount()).toBe(before);
  });
});
