import { describe, expect, it } from "vitest";
import { Connection, connect } from "../../src/index.ts";
import { brokenHeads, brokenResponses, REQUEST_LINE, STATUS_LINE } from "../support/broken-heads.ts";
import { failureOf } from "../support/connect-failure.ts";
import { ask } from "../support/raw-peer.ts";
import { refusals, script, serve, switching } from "../support/servers.ts";

describe("a server refuses a request with", () => {
  it.each(brokenHeads)(
    "a server refuses a request with $what: $refusal.status, $refusal.section",
    async ({ from, refusal }) => {
      const { server, port } = await serve();
      const refused = refusals(server);
      const response = await ask(port, Buffer.from(from(REQUEST_LINE), "latin1"));
      expect(response.status).toBe(refusal.status);
      expect(response.body).toContain(`(${refusal.section}).\n`);
      expect(refused).toMatchObject([refusal]);
      expect(refused[0]?.message).toContain(`(${refusal.section})`);
    },
  );
});

describe("a client fails on a response with", () => {
  it.each(brokenResponses)(
    "a client fails on a response with $what: $failure.code, $failure.section",
    async ({ from, failure }) => {
      const { url } = await script(async (peer) => {
        await peer.head();
        peer.send(Buffer.from(from(STATUS_LINE), "latin1"));
      });
      const error = await failureOf(url);
      const { code, section, detail } = failure;
      expect(error).toMatchObject({ code, section, response: null });
      expect(error).not.toHaveProperty("status");
      expect(error.message).toContain(`${detail} (${section})`);
    },
  );

  it("a folded field is accepted: RFC 9112 section 5.2 demands that a client join the lines", async () => {
    const { url } = await script(async (peer) => {
      peer.send(switching(await peer.head()).replace("\r\n\r\n", "\r\nA: b\r\n c\r\n\r\n"));
    });
    const connection = await connect(url);
    expect(connection.readyState).toBe(Connection.OPEN);
    connection.terminate();
  });
});
