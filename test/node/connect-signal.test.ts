import { getEventListeners, getMaxListeners } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../../src/index.ts";
import { failure } from "../support/connect-failure.ts";
import { watchResources } from "../support/resources.ts";
import { open, script, serve } from "../support/servers.ts";

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

/** The warnings that the process emits from now on. */
function watchWarnings(): string[] {
  const warnings: string[] = [];
  const onWarning = ({ name }: Error) => warnings.push(name);
  process.on("warning", onWarning);
  onTestFinished(() => {
    process.off("warning", onWarning);
  });
  return warnings;
}

describe("one signal for many attempts", () => {
  it.each([
    ["one after the other", false],
    ["all at once", true],
  ])("one signal aborts all attempts, %s, without a warning and without a listener left", async (_, concurrent) => {
    const warnings = watchWarnings();
    const { url, peers } = await script(() => {});
    const unchanged = watchResources(peers);
    const controller = new AbortController();
    const { signal } = controller;
    const limit = getMaxListeners(signal);
    const attempts = Array.from({ length: 30 }, () => failure(connect(url, { signal, concurrent })));
    expect(listeners(signal)).toBe(1);
    await new Promise(setImmediate);
    controller.abort(new Error("enough"));
    for (const error of await Promise.all(attempts)) {
      expect(error).toMatchObject({ code: "ABORTED", section: "RFC 6455 section 4.1", cause: { message: "enough" } });
    }
    expect(listeners(signal)).toBe(0);
    expect(getMaxListeners(signal)).toBe(limit);
    await unchanged();
    expect(warnings).toEqual([]);
  });

  it("a signal has no listener left when some attempts have succeeded and others have failed", async () => {
    const warnings = watchWarnings();
    const { signal } = new AbortController();
    const { url } = await serve();
    const refusing = await serve({ authenticate: () => null });
    const opened = Array.from({ length: 12 }, () => open(url, { signal }));
    const refused = Array.from({ length: 12 }, () => failure(connect(refusing.url, { signal })));
    await Promise.all([...opened, ...refused]);
    expect(listeners(signal)).toBe(0);
    expect(warnings).toEqual([]);
  });

  it("a signal keeps its listener as long as one attempt is under way", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const silent = await script(() => {});
    const { url } = await serve();
    const pending = failure(connect(silent.url, { signal }));
    await open(url, { signal });
    expect(listeners(signal)).toBe(1);
    controller.abort();
    expect((await pending).code).toBe("ABORTED");
    expect(listeners(signal)).toBe(0);
  });

  it("a signal opens no socket for attempts that wait for their turn", async () => {
    const controller = new AbortController();
    const { url, peers } = await script(async (peer) => {
      await peer.head();
      controller.abort();
    });
    const { signal } = controller;
    await Promise.all(Array.from({ length: 10 }, () => failure(connect(url, { signal }))));
    await peers[0]?.end();
    expect(peers).toHaveLength(1);
  });

  it("a signal that times out is the cause of the error", async () => {
    const { url } = await script(() => {});
    const error = await failure(connect(url, { signal: AbortSignal.timeout(1) }));
    expect(error).toMatchObject({ code: "ABORTED", cause: { name: "TimeoutError" } });
  });
});

describe("a signal that was aborted before", () => {
  it("a signal that was aborted before fails the attempt without a socket, a timer or a resolution of the name", async () => {
    const before = process.getActiveResourcesInfo();
    const attempt = failure(connect("ws://localhost:1", { signal: AbortSignal.abort("no") }));
    expect(process.getActiveResourcesInfo()).toEqual(before);
    expect(await attempt).toMatchObject({ code: "ABORTED", cause: "no" });
  });
});
