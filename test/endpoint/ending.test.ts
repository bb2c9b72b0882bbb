import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../src/endpoint/connection-error.ts";
import { ConnectionLosses } from "../../src/endpoint/connection-losses.ts";
import { Ending, type EndingHost } from "../../src/endpoint/ending.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { Violations } from "../../src/framing/index.ts";
import { closePayload, turn } from "../support/connection-harness.ts";
import type { Role } from "../support/frames.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const status = (code: number, reason = "") => ({ code, reason });
const error = (code: string) => expect.objectContaining({ name: "ConnectionError", code });

/** A host that notes its calls. */
function hostOf(calls: unknown[][], isPaused = false): EndingHost {
  const call =
    (name: string) =>
    (...args: unknown[]) =>
      void calls.push([name, ...args]);
  return {
    settings: { closeTimeout: 1000 },
    isPaused,
    onOutputEnd: call("onOutputEnd"),
    onFailure: call("onFailure"),
    sendClose: call("sendClose"),
    endInput: call("endInput"),
    endTransport: call("endTransport"),
    destroyTransport: call("destroyTransport"),
    onFinished: call("onFinished"),
  };
}

function setUp(role: Role = "server", isPaused = false) {
  const calls: unknown[][] = [];
  const ending = new Ending(role, hostOf(calls, isPaused));
  return { ending, calls, names: () => calls.map(([name]) => name) };
}

async function pass(milliseconds: number): Promise<void> {
  for (let step = 0; step < 4; step++) vi.advanceTimersByTime(milliseconds / 4);
  await turn();
}

describe("the end of a connection", () => {
  test("the end of a connection carries out the steps of a closing handshake that the peer starts, in their order", () => {
    const { ending, calls } = setUp();
    ending.step({ type: "closeReceived", status: status(4001, "bye") });
    expect(calls).toEqual([["onOutputEnd"], ["sendClose", closePayload(4001, "bye")], ["endInput"], ["endTransport"]]);
    ending.transportClosed(null, true);
    expect(calls.slice(4)).toEqual([["endInput"], ["onFinished"]]);
    expect(ending).toMatchObject({ phase: "closed", error: null, firstError: null, hasFailed: false });
    expect(ending.closeStatus).toEqual(status(4001, "bye"));
  });

  test("RFC 6455 section 7.1.1: the end of a connection leaves the end of TCP to the server if it is the client's", () => {
    const { ending, names } = setUp("client");
    ending.step({ type: "closeReceived", status: status(1000) });
    expect(names()).toEqual(["onOutputEnd", "sendClose", "endInput"]);
  });

  test("RFC 6455 section 7.1.7: the end of a connection reports a violation after its Close frame, and keeps it as the first error", () => {
    const { ending, calls, names } = setUp();
    ending.fail(Violations.MASK_MISSING);
    expect(names()).toEqual(["onOutputEnd", "sendClose", "endInput", "endTransport", "onFailure"]);
    expect(calls[1]).toEqual(["sendClose", closePayload(1002, Violations.MASK_MISSING.message)]);
    ending.fail(Violations.RESERVED_BITS);
    expect(names(), "a second violation is not reported").toHaveLength(5);
    expect(ending.firstError?.code).toBe("MASK_MISSING");
    expect(ending.hasFailed).toBe(true);
  });

  test("RFC 6455 section 7.4: the end of a connection sends 1011 for an extension's violation whose close code must not be sent", () => {
    const { ending, calls } = setUp();
    ending.fail({ ...ExtensionViolations.EXTENSION_FAILED, closeCode: 1006 as never, message: "wrong" });
    expect(calls[1]).toEqual(["sendClose", closePayload(1011, "wrong")]);
  });

  test("the end of a connection destroys the transport without a Close frame if the connection is lost, and reports a failure only", () => {
    const dead = setUp();
    dead.ending.lose(ConnectionLosses.PEER_DEAD);
    expect(dead.names()).toEqual(["onOutputEnd", "endInput", "destroyTransport", "onFailure"]);
    const terminated = setUp();
    terminated.ending.lose(ConnectionLosses.TERMINATED);
    expect(terminated.names()).toEqual(["onOutputEnd", "endInput", "destroyTransport"]);
    expect(terminated.ending).toMatchObject({ hasFailed: false, error: error("TERMINATED") });
  });

  test("the end of a connection is CUT_OFF, which is not reported as a failure, if the transport closes without an error", () => {
    const { ending, names } = setUp();
    ending.transportClosed(null, true);
    expect(names()).toEqual(["onOutputEnd", "endInput", "onFinished"]);
    expect(ending).toMatchObject({ error: error("CUT_OFF"), hasFailed: false });
    expect(ending.closeStatus).toEqual(status(1006));
  });

  test("the end of a connection reports the error of the transport before it is finished", () => {
    const { ending, calls } = setUp();
    const cause = new Error("reset");
    ending.transportClosed(cause, true);
    expect(calls.slice(-2)).toEqual([
      ["onFailure", expect.objectContaining({ code: "TRANSPORT_FAILED", cause })],
      ["onFinished"],
    ]);
  });

  test("the end of a connection waits for unread input behind a transport that is gone, and then reports a violation in it before it finishes", () => {
    const { ending, names } = setUp();
    ending.transportClosed(null, false);
    expect(ending).toMatchObject({ phase: "disconnected", canRead: true });
    ending.fail(Violations.RESERVED_BITS);
    expect(names()).toEqual(["onOutputEnd", "onFailure", "endInput", "onFinished"]);
  });

  test("the end of a connection has no error if the closing handshake was completed, and still knows the first one", () => {
    const { ending } = setUp();
    ending.step({ type: "closeReceived", status: status(1000) });
    ending.report(new ConnectionError(ConnectionLosses.PEER_DEAD));
    ending.transportClosed(new Error("reset"), true);
    expect(ending.error).toBeNull();
    expect(ending.firstError?.code).toBe("PEER_DEAD");
  });
});

describe("the time limit of the closing handshake", () => {
  test("RFC 6455 section 7.1.1: the time limit of the closing handshake ends it with CLOSE_TIMEOUT, which is not reported as a failure", async () => {
    const { ending, names } = setUp();
    ending.step({ type: "close", status: status(1000) });
    await pass(1000);
    expect(names()).toEqual(["onOutputEnd", "sendClose", "endInput", "destroyTransport"]);
    expect(ending.error?.code).toBe("CLOSE_TIMEOUT");
  });

  test("the time limit of the closing handshake says that the application held messages back if it was paused", async () => {
    const { ending } = setUp("server", true);
    ending.step({ type: "close", status: status(1000) });
    await pass(1000);
    expect(ending.error?.message).toContain("the application had not taken the messages");
  });

  test("the time limit of the closing handshake is cancelled once the connection is closed", async () => {
    const { ending, names } = setUp();
    const timers = vi.getTimerCount();
    ending.step({ type: "close", status: status(1000) });
    expect(vi.getTimerCount()).toBe(timers + 1);
    ending.transportClosed(null, true);
    expect(vi.getTimerCount()).toBe(timers);
    await pass(1000);
    expect(names()).not.toContain("destroyTransport");
  });
});

test("nothing happens at the end of a connection that is closed already", () => {
  const { ending, calls } = setUp();
  ending.transportClosed(null, true);
  calls.length = 0;
  ending.lose(ConnectionLosses.PEER_DEAD);
  ending.fail(Violations.RESERVED_BITS);
  ending.step({ type: "close", status: status(1000) });
  ending.step({ type: "inputEnded" });
  expect(calls).toEqual([]);
});

test("the end of a connection goes on if the face or the transport throws, and throws what came first", () => {
  const { ending, calls } = setUp();
  const throwing = setUp();
  const broken = new Ending("server", {
    ...hostOf(throwing.calls),
    onOutputEnd() {
      throw new Error("face");
    },
    endInput() {
      throw new Error("transport");
    },
  });
  ending.step({ type: "closeReceived", status: status(1000) });
  expect(() => broken.step({ type: "closeReceived", status: status(1000) })).toThrow("face");
  expect(throwing.names()).toEqual(
    calls.map(([name]) => name).filter((name) => !["onOutputEnd", "endInput"].includes(String(name))),
  );
  expect(() => broken.transportClosed(null, true)).toThrow("transport");
  expect([broken.phase, broken.isOver]).toEqual(["closed", true]);
});

test("the end of a connection has its cause when its output ends with the transport", () => {
  const { ending, calls } = setUp();
  let cause: unknown = null;
  const other = new Ending("server", {
    ...hostOf(calls),
    onOutputEnd: () => {
      cause = other.firstError;
    },
  });
  other.transportClosed(new Error("reset"), true);
  expect(cause).toEqual(error("TRANSPORT_FAILED"));
  expect(calls.filter(([name]) => name === "onFailure")).toEqual([["onFailure", error("TRANSPORT_FAILED")]]);
  expect(ending.firstError).toBeNull();
});
