import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../src/endpoint/connection-error.ts";
import {
  closeFrame,
  closePayload,
  open,
  ROLES,
  sent,
  sentMessages,
  sentOf,
  text,
  turn,
} from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { CLOSE, PING, PONG, TEXT } from "../support/frames.ts";
import { runs } from "../support/runs.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
const INVALID = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

describe.each(ROLES)("as %s", (role) => {
  test("RFC 6455 section 7.1.3: readyState is 1 while open, 2 once a Close frame went either way, 3 at the end", async () => {
    const closing = open({ role });
    expect(closing.connection.readyState).toBe(1);
    closing.connection.close();
    expect(closing.connection.readyState).toBe(2);
    closing.receive(closeFrame());
    expect(closing.connection.readyState).toBe(2);
    closing.transport.peerEnd();
    await turn();
    expect(closing.connection.readyState).toBe(3);

    const closed = open({ role });
    closed.receive(closeFrame());
    expect(closed.connection.readyState).toBe(2);
    closed.transport.peerEnd();
    await turn();
    expect(closed.connection.readyState).toBe(3);
  });

  test.each(VALID)("RFC 6455 section 5.5.1: a Close frame with %i is answered with the same status", async (code) => {
    const opened = open({ role });
    opened.receive(closeFrame(code, "grüße"));
    expect(sentOf(opened, CLOSE)).toEqual([closePayload(code, "grüße")]);
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([["close", code, "grüße", null]]);
  });

  test("RFC 6455 section 5.5.1: an empty Close frame is answered with an empty one, and emitted as 1005", async () => {
    const opened = open({ role });
    opened.receive(closeFrame());
    expect(sentOf(opened, CLOSE)).toEqual([Buffer.alloc(0)]);
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([["close", 1005, "", null]]);
  });

  test("RFC 6455 section 5.5.1: a Close frame whose reason fills it is accepted", () => {
    const opened = open({ role });
    opened.receive(closeFrame(1000, "r".repeat(123)));
    expect(sentOf(opened, CLOSE)).toEqual([closePayload(1000, "r".repeat(123))]);
  });

  test.each<[string, Buffer, number, string, string]>([
    ["a single byte", Buffer.from([3]), 1002, "CLOSE_TOO_SHORT", "5.5.1"],
    ...INVALID.map(
      (code) =>
        [`the code ${code}`, closePayload(code), 1002, "CLOSE_CODE_INVALID", "7.4"] as [
          string,
          Buffer,
          number,
          string,
          string,
        ],
    ),
    ["a reason that is not UTF-8", closePayload(1000, Buffer.from([0xc3])), 1007, "CLOSE_REASON_NOT_UTF8", "8.1"],
  ])(
    "RFC 6455 sections 5.5.1 and 7.4: a Close frame with %s fails the connection",
    async (_name, payload, code, name, section) => {
      const opened = open({ role });
      opened.receive({ opcode: CLOSE, payload }, text("behind"));
      expect(sentOf(opened, CLOSE).map((close) => close.readUInt16BE())).toEqual([code]);
      opened.transport.peerEnd();
      await turn();
      const error = expect.objectContaining({ code: name, section: `RFC 6455 section ${section}`, closeCode: code });
      expect(opened.events).toEqual([
        ["error", error],
        ["close", 1006, "", error],
      ]);
    },
  );

  test("RFC 6455 section 7.1.2: close() sends its status once, behind what was sent before", async () => {
    const opened = open({ role });
    opened.connection.send("before");
    opened.connection.close(4001, "enough");
    opened.connection.close(4002, "again");
    await turn();
    expect(sent(opened)).toEqual([
      { opcode: TEXT, payload: Buffer.from("before") },
      { opcode: CLOSE, payload: closePayload(4001, "enough") },
    ]);
    expect(opened.transport.ended).toBe(false);
  });

  test("close() without a code sends an empty Close frame", async () => {
    const opened = open({ role });
    opened.connection.close();
    await turn();
    expect(sent(opened)).toEqual([{ opcode: CLOSE, payload: Buffer.alloc(0) }]);
  });

  test("RFC 6455 section 5.5.1: after a Close frame of our own nothing else is sent but answers to pings", async () => {
    const opened = open({ role });
    opened.connection.close();
    expect(opened.connection.send("late")).toBe(false);
    opened.connection.ping("late");
    opened.connection.pong("late");
    await turn();
    opened.receive({ opcode: PING, payload: "p" });
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([CLOSE, PONG]);
  });

  test("RFC 6455 section 7.1.3: messages arrive after close() until the peer's Close frame does", async () => {
    const opened = open({ role });
    opened.connection.close(1000);
    opened.receive(text("still"), text("coming"));
    opened.receive(closeFrame(1000));
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([
      ["message", "still"],
      ["message", "coming"],
      ["close", 1000, "", null],
    ]);
  });

  test("RFC 6455 section 5.5.1: bytes behind a Close frame are ignored, in the same chunk or later", async () => {
    const opened = open({ role });
    opened.receive(text("before"), closeFrame(1000), text("behind"), { opcode: PING, payload: "p" }, { opcode: 7 });
    opened.receive(text("later"), { opcode: PING, payload: "p" }, closeFrame(4000));
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([
      ["message", "before"],
      ["close", 1000, "", null],
    ]);
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([CLOSE]);
  });

  test("RFC 6455 section 6.1: after the peer's Close frame nothing is sent, not even in the same turn", async () => {
    const opened = open({ role });
    opened.connection.on("message", () => opened.connection.send("answer"));
    opened.receive(text("a"), closeFrame(1000));
    expect(opened.connection.send("late")).toBe(false);
    opened.connection.ping();
    opened.connection.close(1001);
    await turn();
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, CLOSE]);
  });

  test("RFC 6455 section 7.1.5: when both sides close at once, each reports the other's status, and sends one Close frame", async () => {
    const opened = open({ role });
    opened.connection.close(4001, "ours");
    opened.receive(closeFrame(4002, "theirs"));
    opened.transport.peerEnd();
    await turn();
    expect(sentOf(opened, CLOSE)).toEqual([closePayload(4001, "ours")]);
    expect(opened.events).toEqual([["close", 4002, "theirs", null]]);
  });

  test("RFC 6455 section 7.1.5: an end without a Close frame is 1006 and CUT_OFF, and emits no 'error'", async () => {
    const opened = open({ role });
    opened.receive(text("a"));
    opened.transport.peerEnd();
    await turn();
    const cutOff = expect.objectContaining({ code: "CUT_OFF", section: "RFC 6455 section 7.1.5", closeCode: 1006 });
    expect(opened.events).toEqual([
      ["message", "a"],
      ["close", 1006, "", cutOff],
    ]);
    expect(opened.of("close")[0]?.[2]).toBeInstanceOf(ConnectionError);
    expect(opened.transport.writes).toHaveLength(0);
  });

  test("RFC 6455 section 6.1: once the peer has ended its side nothing can be sent", () => {
    const opened = open({ role, transport: new FakeTransport({ closesItself: false }) });
    opened.transport.peerEnd();
    expect(opened.connection.readyState).toBe(2);
    expect(opened.connection.send("into the void")).toBe(false);
    opened.connection.ping();
    opened.connection.close(1000);
    expect(opened.transport.calls).toEqual(["end"]);
    expect(opened.transport.writes).toHaveLength(0);
  });

  test("an end in the middle of a message is CUT_OFF, and the partial message is not emitted", async () => {
    const opened = open({ role });
    opened.receive({ ...text("half"), fin: false });
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([["close", 1006, "", expect.objectContaining({ code: "CUT_OFF" })]]);
  });

  test("a transport that fails is emitted as 'error' with its cause, and as 1006", async () => {
    const opened = open({ role });
    const cause = new Error("read ECONNRESET");
    opened.transport.close(cause);
    const failed = expect.objectContaining({ code: "TRANSPORT_FAILED", cause });
    expect(opened.events).toEqual([
      ["error", failed],
      ["close", 1006, "", failed],
    ]);
    expect(opened.of("error")).toEqual([[expect.objectContaining({ message: expect.stringContaining("ECONNRESET") })]]);
  });

  test("a transport that fails after the closing handshake emits no 'error'", () => {
    const opened = open({ role });
    opened.receive(closeFrame(1000));
    opened.transport.close(new Error("read ECONNRESET"));
    expect(opened.events).toEqual([["close", 1000, "", null]]);
  });

  test("terminate() ends the connection at once with 1006 and TERMINATED, emits no 'error', and reads nothing more", async () => {
    const opened = open({ role });
    opened.connection.send("before");
    opened.connection.terminate();
    expect(opened.connection.readyState).toBe(2);
    expect(opened.connection.send("late")).toBe(false);
    opened.receive(text("late"), closeFrame(1000));
    opened.connection.terminate();
    await turn();
    opened.connection.terminate();
    expect(opened.connection.readyState).toBe(3);
    expect(sentMessages(opened)).toEqual(["before"]);
    expect(opened.events).toEqual([["close", 1006, "", expect.objectContaining({ code: "TERMINATED" })]]);
  });

  test("terminate() in a message listener discards the rest of the chunk", async () => {
    const opened = open({ role });
    opened.connection.on("message", () => opened.connection.terminate());
    opened.receive(text("first"), text("second"), { opcode: PING }, closeFrame(1000));
    await turn();
    expect(opened.events.map(([name]) => name)).toEqual(["message", "close"]);
    expect(opened.transport.writes).toHaveLength(0);
  });

  test("terminate() after the peer's Close frame keeps the peer's status", async () => {
    const opened = open({ role });
    opened.receive(closeFrame(1001, "bye"));
    opened.connection.terminate();
    await turn();
    expect(opened.events).toEqual([["close", 1001, "bye", null]]);
  });

  test("RFC 6455 section 7.1.1: without an answer to our Close frame the transport is destroyed after closeTimeout", async () => {
    const opened = open({ role, closeTimeout: 500 });
    opened.connection.close(1000);
    await turn();
    vi.advanceTimersByTime(499);
    expect(opened.transport.destroyed).toBe(false);
    vi.advanceTimersByTime(1);
    await turn();
    expect(opened.transport.destroyed).toBe(true);
    await turn();
    const timeout = expect.objectContaining({ code: "CLOSE_TIMEOUT", section: "RFC 6455 section 7.1.1" });
    expect(opened.events).toEqual([["close", 1006, "", timeout]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("RFC 6455 section 7.1.1: a peer that answers our Close frame but does not end TCP is destroyed after closeTimeout", async () => {
    const opened = open({ role, closeTimeout: 500 });
    opened.receive(closeFrame(1000, "bye"));
    vi.advanceTimersByTime(500);
    await turn();
    expect(opened.transport.destroyed).toBe(true);
    await turn();
    expect(opened.events).toEqual([["close", 1000, "bye", null]]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("closeTimeout runs from the first step of the closing handshake, and a peer cannot stretch it", async () => {
    const opened = open({ role, closeTimeout: 500 });
    opened.connection.close(1000);
    vi.advanceTimersByTime(400);
    opened.receive(text("still sending"));
    opened.receive(closeFrame(1000));
    vi.advanceTimersByTime(100);
    await turn();
    expect(opened.transport.destroyed).toBe(true);
  });

  test("a peer that leaves without reading is destroyed after closeTimeout", async () => {
    const opened = open({ role, closeTimeout: 500 });
    opened.transport.stick();
    opened.connection.send("never read");
    await turn();
    opened.transport.peerEnd();
    expect(opened.transport.ended).toBe(false);
    vi.advanceTimersByTime(500);
    await turn();
    expect(opened.events.map(([name, code]) => [name, code])).toEqual([["close", 1006]]);
  });
});

describe("who ends TCP first", () => {
  test("RFC 6455 section 7.1.1: a server ends TCP as soon as a Close frame went both ways", () => {
    for (const first of ["us", "peer"]) {
      const opened = open({ role: "server" });
      if (first === "us") opened.connection.close();
      opened.receive(closeFrame());
      expect(opened.transport.ended).toBe(true);
    }
  });

  test("RFC 6455 section 7.1.1: a client waits for the server to end TCP", () => {
    for (const first of ["us", "peer"]) {
      const opened = open({ role: "client" });
      if (first === "us") opened.connection.close();
      opened.receive(closeFrame());
      expect(opened.transport.ended).toBe(false);
      opened.transport.peerEnd();
      expect(opened.transport.ended).toBe(true);
    }
  });

  test("a server ends TCP only after its Close frame has left", async () => {
    const opened = open({ role: "server" });
    opened.transport.stick();
    opened.connection.send("first");
    await turn();
    opened.receive(closeFrame(1000));
    expect(opened.transport.ended).toBe(false);
    opened.transport.drain();
    expect(opened.transport.ended).toBe(true);
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, CLOSE]);
  });
});

describe("close() with what cannot be sent", () => {
  test.each([...INVALID, -1, 1000.5, Number.NaN])(
    "RFC 6455 section 7.4: close() with the code %s throws a RangeError and closes nothing",
    async (code) => {
      const { connection, transport } = open();
      expect(() => connection.close(code as number)).toThrow(RangeError);
      await turn();
      expect(connection.readyState).toBe(1);
      expect(transport.writes).toHaveLength(0);
    },
  );

  test.each<[unknown, unknown]>([
    ["1000", ""],
    [null, ""],
    [{}, ""],
    [() => {}, ""],
    [1000, 5],
    [1000, null],
    [1000, Buffer.from("why")],
  ])("close() with a code %s or a reason %s of another type throws a TypeError and closes nothing", (code, reason) => {
    const { connection } = open();
    const close = () => connection.close(code as number, reason as string);
    expect(close).toThrow(expect.objectContaining({ name: "TypeError", code: "ARGUMENT_INVALID" }));
    expect(connection.readyState).toBe(1);
  });

  test.each(["x".repeat(124), "ü".repeat(62)])(
    "RFC 6455 section 5.5: a reason of 124 bytes throws a RangeError",
    (reason) => {
      const { connection } = open();
      expect(() => connection.close(1000, reason)).toThrow(RangeError);
      expect(connection.readyState).toBe(1);
    },
  );

  test("RFC 6455 section 5.5.1: close() with a reason but without a code throws a RangeError", () => {
    expect(() => open().connection.close(undefined, "why")).toThrow(RangeError);
  });

  test("close() with an invalid code throws even when the connection is closed", () => {
    const { connection, transport } = open();
    transport.close();
    expect(() => connection.close(1)).toThrow(RangeError);
    expect(() => connection.close(1000)).not.toThrow();
  });
});

test("RFC 6455 section 5.5.2: a ping that waits for its answer gets none once a Close frame came", async () => {
  const opened = open({ role: "server" });
  opened.transport.stick();
  opened.connection.send("first");
  opened.connection.close();
  await turn();
  opened.receive({ opcode: PING, payload: "p" });
  opened.receive(closeFrame());
  opened.transport.drain();
  expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, CLOSE]);
});

test("terminate() leaves no timer behind, although the transport never reports that it is gone", () => {
  const opened = open({ transport: new FakeTransport({ closesItself: false }) });
  opened.connection.close(1000);
  expect(vi.getTimerCount()).toBe(1);
  opened.connection.terminate();
  expect(vi.getTimerCount()).toBe(0);
});

test("no method throws or has an effect after the end", async () => {
  const opened = open();
  opened.transport.close();
  const before = opened.events.length;
  opened.connection.close(1000);
  opened.connection.terminate();
  opened.connection.ping();
  opened.connection.pause();
  opened.connection.resume();
  expect(opened.connection.send("late")).toBe(false);
  await turn();
  expect(opened.events).toHaveLength(before);
  expect(sentMessages(opened)).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test("any sequence of events throws nothing, sends at most one Close frame and no data behind it, and emits one 'close'", async () => {
  const acts = ["send", "ping", "close", "terminate", "text", "pinged", "closed", "bad", "peerEnd", "cut"] as const;
  const more = ["stick", "drain", "turn", "time", "pause", "resume"] as const;
  const step = fc.constantFrom(...acts, ...more);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...ROLES), fc.array(step, { maxLength: 30 }), async (role, steps) => {
      const opened = open({ role, closeTimeout: 100, maxQueuedAmount: 200 });
      const { connection, transport } = opened;
      let last = 1;
      let awaitsDrain = false;
      const run: Record<(typeof steps)[number], () => unknown> = {
        send: () => {
          awaitsDrain ||= !connection.send("data");
        },
        ping: () => {
          awaitsDrain ||= !connection.ping("ping");
        },
        close: () => connection.close(4000),
        terminate: () => connection.terminate(),
        text: () => opened.receive(text("text")),
        pinged: () => opened.receive({ opcode: PING, payload: "?" }),
        closed: () => opened.receive(closeFrame(1000)),
        bad: () => opened.receive({ opcode: 7 }),
        peerEnd: () => transport.peerEnd(),
        cut: () => transport.close(new Error("cut")),
        stick: () => transport.stick(),
        drain: () => transport.drain(),
        turn,
        time: () => vi.advanceTimersByTime(100),
        pause: () => connection.pause(),
        resume: () => connection.resume(),
      };
      for (const each of steps) {
        await run[each]();
        expect(connection.readyState).toBeGreaterThanOrEqual(last);
        last = connection.readyState;
      }
      await turn();
      transport.drain();
      transport.close();
      connection.resume();
      await turn();
      const opcodes = sent(opened).map(({ opcode }) => opcode);
      const closeAt = opcodes.indexOf(CLOSE);
      if (closeAt >= 0) expect(opcodes.slice(closeAt + 1).filter((opcode) => opcode !== PONG)).toEqual([]);
      expect(opened.of("close")).toHaveLength(1);
      expect(opened.of("error").length).toBeLessThanOrEqual(1);
      // Only messages that the application held back may come later, if it asked for the end or waited for "drain".
      const behind = opened.events.slice(opened.events.findIndex(([event]) => event === "close") + 1);
      expect(behind.filter(([event]) => event !== "message")).toEqual([]);
      const isHastened = awaitsDrain || steps.includes("close") || steps.includes("terminate");
      if (!isHastened) expect(behind).toEqual([]);
      expect(connection.readyState).toBe(3);
      expect(vi.getTimerCount()).toBe(0);
    }),
    { numRuns: runs(3) },
  );
});
