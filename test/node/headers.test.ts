/** Header fields that an application gives, in each form and on the wire. */
import { describe, expect, test } from "vitest";
import { connect, type ExtraHeaders, refuse } from "../../src/index.ts";
import { ask, openWebSocket, upgrade } from "../support/raw-peer.ts";
import { open, refusals, script, serve, switching } from "../support/servers.ts";

const COOKIES: [string, string][] = [
  ["Set-Cookie", "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
  ["Set-Cookie", "b=2"],
  ["X-A", "1"],
];
const LINES = ["set-cookie: a=1; expires=thu, 01 jan 1970 00:00:00 gmt", "set-cookie: b=2", "x-a: 1"];

const FORMS: [string, ExtraHeaders][] = [
  ["a Headers object", new Headers(COOKIES)],
  ["pairs", COOKIES],
  [
    "a Map",
    new Map<string, string | string[]>([
      ["Set-Cookie", [COOKIES[0]?.[1] ?? "", "b=2"]],
      ["X-A", "1"],
    ]),
  ],
  ["an object", { "Set-Cookie": [COOKIES[0]?.[1] ?? "", "b=2"], "X-A": "1" }],
];

function linesOf(head: string): string[] {
  return head.toLowerCase().split("\r\n");
}

describe.each(FORMS)("headers in %s", (_, headers) => {
  test("headers in any form are sent by a client", async () => {
    let request = "";
    const { url } = await script(async (peer) => {
      request = await peer.head();
      peer.send(switching(request));
    });
    await open(url, { headers });
    expect(linesOf(request)).toEqual(expect.arrayContaining(LINES));
  });

  test("headers in any form are sent by a server with the 101 response, cookies on lines of their own", async () => {
    const { port } = await serve({ headers: () => headers });
    const { head } = await openWebSocket(port);
    expect(linesOf(head)).toEqual(expect.arrayContaining(LINES));
  });

  test("headers in any form are sent with a refusal, cookies on lines of their own", async () => {
    const { port } = await serve({ authenticate: () => refuse(403, "no entry", headers) });
    const { status, text } = await ask(port, upgrade());
    expect(status).toBe(403);
    expect(linesOf(text)).toEqual(expect.arrayContaining(LINES));
  });
});

test("a client's Host and Authorization replace those of the URL in each form", async () => {
  for (const headers of [
    new Headers({ host: "a.example", authorization: "Bearer x" }),
    [
      ["Host", "a.example"],
      ["Authorization", "Bearer x"],
    ],
  ]) {
    let request = "";
    const { port } = await script(async (peer) => {
      request = await peer.head();
      peer.send(switching(request));
    });
    await open(`ws://ada:love@127.0.0.1:${port}`, { headers: headers as ExtraHeaders });
    const lines = linesOf(request);
    expect(lines.filter((line) => /^(?:host|authorization):/.test(line))).toEqual([
      "host: a.example",
      "authorization: bearer x",
    ]);
  }
});

test.each<[string, () => unknown, string]>([
  ["a promise", async () => ({ "Set-Cookie": "a=1" }), "headers returned a promise"],
  ["a string", () => "Set-Cookie: a=1", "not a string"],
  ["a number for a value", () => ({ "X-A": 1 }), "must be a string or a list of strings, not 1"],
])("a headers hook that returns %s refuses with 500, and the server learns why", async (_, headers, text) => {
  const { server, url } = await serve({ headers: headers as () => ExtraHeaders });
  const refused = refusals(server);
  await expect(connect(url)).rejects.toMatchObject({ response: { status: 500 } });
  expect(refused).toMatchObject([{ code: "SERVER_FAILED", cause: { code: "HEADER_INVALID" } }]);
  expect(refused[0]?.message).toContain(text);
});

test("a headers hook that returns nothing adds nothing", async () => {
  const { port } = await serve({ headers: () => undefined as unknown as ExtraHeaders });
  const { head } = await openWebSocket(port);
  expect(linesOf(head)).toHaveLength(4);
});

test("a wildcard in origins lets the subdomains in, and not the domain itself", async () => {
  const { port } = await serve({ origins: ["https://*.example.com"] });
  await openWebSocket(port, { Origin: "https://a.b.example.com" });
  for (const Origin of ["https://example.com", "https://evilexample.com"]) {
    expect((await ask(port, upgrade({ Origin }))).status).toBe(403);
  }
});
