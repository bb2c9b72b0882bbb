import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ConnectError } from "../../src/node/connect-error.ts";
import { framesFor } from "../support/carriers.ts";
import { text, turn } from "../support/connection-harness.ts";
import { opening } from "../support/endpoint-carriers.ts";
import { RecordingFace } from "../support/recording-face.ts";
import { script, switching } from "../support/servers.ts";

const answering = (changes: Record<string, string> = {}, behind: Buffer = Buffer.alloc(0)) =>
  script(async (peer) => {
    const response = Buffer.from(switching(await peer.head(), changes), "latin1");
    peer.send(Buffer.concat([response, behind]));
  });

/** The error of an attempt that fails. */
async function failureOf(url: string, options?: Parameters<typeof opening>[1]): Promise<ConnectError> {
  const error = await opening(url, options).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof ConnectError) return error;
  throw new Error(`no ConnectError: ${error}`);
}

describe("an opening handshake", () => {
  test("an opening handshake yields an endpoint with the terms that were agreed", async () => {
    const { url } = await answering({
      "Sec-WebSocket-Protocol": "chat",
      "Sec-WebSocket-Extensions": "permessage-deflate",
    });
    const { endpoint, terms, rest } = await opening(url, { protocols: ["chat"] });
    expect(terms).toMatchObject({ protocol: "chat", extensions: "permessage-deflate" });
    expect(terms.pipeline).not.toBeNull();
    expect(rest).toHaveLength(0);
    const face = new RecordingFace();
    endpoint.attach(face);
    expect(endpoint.phase).toBe("open");
    endpoint.terminate();
  });

  test("an opening handshake gives the bytes that came with the response to start(), and nothing arrives before", async () => {
    const { url } = await answering({}, framesFor("client", text("early")));
    const { endpoint, rest } = await opening(url);
    const face = new RecordingFace();
    endpoint.attach(face);
    await turn();
    expect(face.events).toEqual([]);
    endpoint.start(rest);
    expect(face.of("onMessage")).toEqual([[1, "early"]]);
    endpoint.terminate();
  });

  test("an opening handshake has its turn behind another one while the application fakes its timers", async () => {
    const { url } = await answering();
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ toFake: ["setImmediate"] });
    const both = await Promise.all([opening(url), opening(url)]);
    expect(both.map(({ endpoint }) => endpoint.phase)).toEqual(["open", "open"]);
    for (const { endpoint } of both) {
      endpoint.attach(new RecordingFace());
      endpoint.terminate();
    }
  });

  test("an opening handshake fails with the response of a server that refuses", async () => {
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.socket.end("HTTP/1.1 403 Forbidden\r\nX-Why: because\r\n\r\n");
    });
    const error = await failureOf(url);
    expect(error.code).toBe("STATUS_NOT_101");
    expect(error.response).toMatchObject({ status: 403, reason: "Forbidden", headers: { "x-why": "because" } });
  });

  test("RFC 6455 section 4.1: an opening handshake fails if the accept value does not answer the key", async () => {
    const { url } = await answering({ "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" });
    expect((await failureOf(url)).response).toBeNull();
  });

  test("an opening handshake fails with ABORTED and the signal's reason, opens no socket and leaves no listener", async () => {
    const { url, peers } = await answering();
    const error = await failureOf(url, { signal: AbortSignal.abort("why") });
    expect(error).toMatchObject({ code: "ABORTED", cause: "why" });
    expect(peers).toHaveLength(0);
  });

  test("an opening handshake fails if the server ends in the middle of its response", async () => {
    const { url } = await script(async (peer) => {
      await peer.head();
      peer.socket.end("HTTP/1.1 101 Switching");
    });
    const error = await failureOf(url);
    expect(error.code).toBe("CUT_OFF");
    expect(error.message).toContain("the server sent a part of a response");
  });

  test("an opening handshake fails with an error about the option for TLS options that node rejects", async () => {
    await expect(opening("wss://127.0.0.1:1", { tls: { cert: "no certificate" } })).rejects.toMatchObject({
      code: "OPTION_INVALID",
    });
  });
});
