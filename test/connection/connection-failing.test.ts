import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionError } from "../../src/endpoint/connection-error.ts";
import { Violations } from "../../src/framing/violations.ts";
import {
  closeFrame,
  closePayload,
  open,
  ROLES,
  sent,
  sentOf,
  text,
  turn,
  wire,
} from "../support/connection-harness.ts";
import { BINARY, CLOSE, CONTINUATION, EXAMPLE_KEY, type FrameSpec, PING, type Role, TEXT } from "../support/frames.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

const MAX_PAYLOAD = 1000;
const emptyFragment: FrameSpec = { opcode: CONTINUATION, fin: false };

/** Rules of an extension, which takes an extension to break. */
type ExtensionRule = "DEFLATE_CORRUPT" | "DEFLATE_WASTEFUL" | "RESERVED_BITS_ON_CONTINUATION" | "EXTENSION_FAILED";

/** For each rule frames that break it, and no other. */
const breaking: Record<Exclude<keyof typeof Violations, ExtensionRule>, readonly FrameSpec[]> = {
  RESERVED_BITS: [{ ...text("x"), rsv: 4 }],
  RESERVED_OPCODE: [{ opcode: 3 }],
  LENGTH_NOT_MINIMAL: [{ ...text("x"), lengthForm: 16 }],
  LENGTH_HIGH_BIT: [{ opcode: BINARY, declaredLength: 2n ** 63n }],
  LENGTH_UNSAFE: [{ opcode: BINARY, declaredLength: 2n ** 53n }],
  MASK_MISSING: [{ ...text("x"), mask: null }],
  MASK_UNEXPECTED: [{ ...text("x"), mask: EXAMPLE_KEY }],
  CONTROL_TOO_LONG: [{ opcode: PING, payload: "x".repeat(126) }],
  CONTROL_FRAGMENTED: [{ opcode: PING, fin: false }],
  CONTINUATION_UNEXPECTED: [{ opcode: CONTINUATION }],
  CONTINUATION_MISSING: [{ ...text("x"), fin: false }, text("y")],
  EMPTY_FRAGMENTS: [{ opcode: TEXT, fin: false }, ...Array.from({ length: 2000 }, () => emptyFragment)],
  MESSAGE_TOO_BIG: [{ opcode: BINARY, payload: "x".repeat(MAX_PAYLOAD + 1) }],
  TEXT_NOT_UTF8: [{ opcode: TEXT, payload: Buffer.from([0xc0, 0x80]) }],
  CLOSE_TOO_SHORT: [{ opcode: CLOSE, payload: "x" }],
  CLOSE_CODE_INVALID: [{ opcode: CLOSE, payload: closePayload(1005) }],
  CLOSE_REASON_NOT_UTF8: [{ opcode: CLOSE, payload: closePayload(1000, Buffer.from([0xff])) }],
};

const rows = Object.values(Violations);

test("RFC 6455 section 5.5: every message of the table of violations fits into a Close frame", () => {
  for (const row of rows) expect(Buffer.byteLength(row.message)).toBeLessThanOrEqual(123);
});

function rolesFor(name: string): readonly Role[] {
  if (name === "MASK_MISSING") return ["server"];
  return name === "MASK_UNEXPECTED" ? ["client"] : ROLES;
}

const cases = rows
  .filter((row) => row.code in breaking)
  .flatMap((row) => rolesFor(row.code).map((role) => ({ ...row, role })));

describe.each(cases)("RFC 6455 section 7.1.7: $code ($section), as $role", (row) => {
  const { role, code, closeCode, section, message } = row;
  const frames = breaking[code as keyof typeof breaking];

  test("a violation is sent to the peer with its close code and reason and emitted as 'error', and nothing more is processed", async () => {
    const opened = open({ role, maxPayload: MAX_PAYLOAD });
    opened.receive(text("before"), ...frames, text("behind"), { opcode: PING }, closeFrame(1000));
    expect(sent(opened)).toEqual([{ opcode: CLOSE, payload: closePayload(closeCode, message) }]);
    expect(opened.connection.readyState).toBe(2);
    expect(opened.transport.ended).toBe(role === "server");

    opened.receive(text("later"), { opcode: PING }, closeFrame(1000));
    expect(opened.connection.send("late")).toBe(false);
    opened.transport.peerEnd();
    await turn();
    const error = opened.of("error")[0]?.[0];
    expect(error).toBeInstanceOf(ConnectionError);
    expect(error).toMatchObject({ code, section, closeCode, message: `${message} (${section})` });
    expect(opened.events).toEqual([
      ["message", "before"],
      ["error", error],
      ["close", 1006, "", error],
    ]);
    expect(sent(opened)).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a violation without an 'error' listener throws nothing, and 'close' has its error", async () => {
    const opened = open({ role, maxPayload: MAX_PAYLOAD, deaf: ["error"] });
    expect(() => opened.receive(...frames)).not.toThrow();
    opened.transport.peerEnd();
    await turn();
    expect(opened.events).toEqual([["close", 1006, "", expect.objectContaining({ code, closeCode })]]);
  });
});

describe.each(ROLES)("as %s", (role) => {
  const bad: FrameSpec = { opcode: 7 };

  test("RFC 6455 section 5.5.1: a violation after our own Close frame sends no second one", async () => {
    const opened = open({ role });
    opened.connection.close(1000);
    opened.receive(bad, closeFrame(1000));
    opened.transport.peerEnd();
    await turn();
    expect(sentOf(opened, CLOSE)).toEqual([closePayload(1000)]);
    expect(opened.events.map(([name]) => name)).toEqual(["error", "close"]);
    expect(opened.of("close")[0]?.[0]).toBe(1006);
  });

  test("a peer that does not end TCP after a violation is destroyed after closeTimeout, for the violation", async () => {
    const opened = open({ role, closeTimeout: 300 });
    opened.receive(bad);
    vi.advanceTimersByTime(300);
    await turn();
    expect(opened.transport.destroyed).toBe(true);
    await turn();
    expect(opened.of("close")).toEqual([[1006, "", expect.objectContaining({ code: "RESERVED_OPCODE" })]]);
  });

  test("an 'error' listener that closes or sends changes nothing, and the peer learns the violation", () => {
    const opened = open({ role });
    const returned: boolean[] = [];
    opened.connection.on("error", () => {
      returned.push(opened.connection.send("sorry"));
      opened.connection.close(1000);
    });
    opened.receive(bad);
    expect(returned).toEqual([false]);
    expect(sentOf(opened, CLOSE).map((payload) => payload.readUInt16BE())).toEqual([1002]);
    expect(sent(opened)).toHaveLength(1);
  });

  test("an 'error' listener may terminate the connection", async () => {
    const opened = open({ role });
    opened.connection.on("error", () => opened.connection.terminate());
    opened.receive(bad);
    await turn();
    expect(opened.transport.destroyed).toBe(true);
    expect(opened.of("close")).toEqual([[1006, "", expect.objectContaining({ code: "RESERVED_OPCODE" })]]);
  });

  test("answers to the messages before the violation leave before the Close frame, in the same write", () => {
    const opened = open({ role });
    opened.connection.on("message", (data) => opened.connection.send(data));
    opened.receive(text("a"), text("b"), bad);
    expect(opened.transport.writes).toHaveLength(1);
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([TEXT, TEXT, CLOSE]);
  });
});

test("RFC 6455 section 10.4: a message that is too long is rejected at its header, before any of its payload has come", () => {
  const opened = open({ maxPayload: MAX_PAYLOAD });
  opened.transport.deliver(wire("server", { opcode: BINARY, declaredLength: MAX_PAYLOAD + 1 }));
  expect(sentOf(opened, CLOSE).map((payload) => payload.readUInt16BE())).toEqual([1009]);
});

test("RFC 6455 section 10.4: the fragments of a message count together", () => {
  const opened = open({ maxPayload: MAX_PAYLOAD });
  const half = "x".repeat(MAX_PAYLOAD / 2);
  opened.receive({ ...text(half), fin: false }, { opcode: CONTINUATION, payload: half });
  expect(opened.of("message")).toEqual([[half + half]]);
  opened.receive({ ...text(half), fin: false }, { opcode: CONTINUATION, payload: `${half}x` });
  expect(opened.of("error")).toEqual([[expect.objectContaining({ code: "MESSAGE_TOO_BIG" })]]);
});

test("RFC 6455 section 8.1: text is validated as it comes, not only when the message is whole", () => {
  const opened = open();
  opened.receive({ opcode: TEXT, payload: Buffer.from([0x61, 0xff]), fin: false });
  expect(sentOf(opened, CLOSE).map((payload) => payload.readUInt16BE())).toEqual([1007]);
});
