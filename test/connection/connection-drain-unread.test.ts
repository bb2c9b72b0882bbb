/**
 * Who waits for 'drain' takes no messages meanwhile. When nothing can be sent any more, messages that are still unread
 * must not keep 'close' from coming.
 */
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { closeFrame, type OpenOptions, open, ROLES, text, turn } from "../support/connection-harness.ts";
import { DrainLog } from "../support/drain-log.ts";
import { PromptCodec } from "./codecs.ts";

const LONG = Buffer.alloc(100_000, "x");
const COUNT = 20;
const messages = Array.from({ length: COUNT }, (_, index) => text(`message ${index}`));
const expected = messages.map(({ payload }) => payload);

/** A connection that stops reading with the third message that waits. */
function opened(options: OpenOptions = {}) {
  const made = open({ maxQueuedAmount: 200, deaf: ["message", "error"], ...options });
  return { ...made, log: new DrainLog(made.connection) };
}

async function rest(loop: AsyncIterator<unknown>): Promise<unknown[]> {
  const taken: unknown[] = [];
  try {
    for (let next = await loop.next(); next.done !== true; next = await loop.next()) taken.push(next.value);
  } catch (error) {
    taken.push((error as { code: string }).code);
  }
  return taken;
}

describe.each(ROLES)("as %s, when the transport is gone and messages are unread, 'close' releases", (role) => {
  test("'close' releases a loop that waits for 'drain', and the loop then gets the unread messages", async () => {
    const { connection, transport, receive, log } = opened({ role });
    const loop = connection[Symbol.asyncIterator]();
    transport.stick();
    log.note(connection.send(LONG));
    receive(...messages);
    transport.close(new Error("reset"));
    await turn();
    expect([log.isClosed, log.faults]).toEqual([true, []]);
    expect(await rest(loop)).toEqual([...expected, "TRANSPORT_FAILED"]);
  });

  test("'close' releases a loop whose send() returns false only now, and the peer's Close frame still counts", async () => {
    const { connection, transport, receive, log, of } = opened({ role });
    const loop = connection[Symbol.asyncIterator]();
    receive(...messages, closeFrame(4001));
    transport.close();
    await turn();
    expect(log.isClosed).toBe(false);
    expect(log.note(connection.send("late"))).toBe(false);
    expect(log.isClosed).toBe(false);
    await turn();
    expect([log.isClosed, log.faults]).toEqual([true, []]);
    expect(of("close")).toEqual([[4001, "", null]]);
    expect(await rest(loop)).toEqual(expected);
  });

  test("'close' releases a listener that has paused until 'drain', and resume() then delivers the messages", async () => {
    const { connection, transport, receive, log } = opened({ role });
    const got: unknown[] = [];
    connection.on("message", (data) => got.push(data));
    connection.pause();
    transport.stick();
    log.note(connection.send(LONG));
    receive(...messages);
    transport.close();
    await turn();
    expect([log.isClosed, log.faults]).toEqual([true, []]);
    connection.resume();
    await turn();
    expect(got).toEqual(expected);
  });
});

describe.each(ROLES)("as %s, when the connection closes", (role) => {
  test("a paused listener whose send() returns false only then is released by 'close'", async () => {
    const { connection, transport, receive, log } = opened({ role });
    connection.on("message", () => {});
    connection.pause();
    receive(text("one"), closeFrame(1000));
    transport.close();
    await turn();
    expect(log.isClosed).toBe(false);
    log.note(connection.send("late"));
    await turn();
    expect([log.isClosed, log.faults]).toEqual([true, []]);
  });

  test.each([
    ["closed", (made: ReturnType<typeof opened>) => made.connection.close()],
    ["failed", (made: ReturnType<typeof opened>) => made.receive({ opcode: 11 })],
  ])(
    "once(connection, 'drain') is rejected as soon as it is %s, whether it waited before or begins then",
    async (_, end) => {
      const made = opened({ role });
      made.transport.stick();
      made.connection.send(LONG);
      const before = once(made.connection, "drain");
      end(made);
      await expect(before).rejects.toThrow();
      expect(made.connection.send("late")).toBe(false);
      await expect(once(made.connection, "drain")).rejects.toMatchObject({ code: "NEVER_DRAINED" });
      expect(made.of("close")).toEqual([]);
    },
  );

  test("an 'error' listener hears once that no 'drain' will come", async () => {
    const { connection, transport, events } = opened({ role, deaf: ["message"] });
    transport.stick();
    connection.send(LONG);
    connection.once("drain", () => {});
    connection.close();
    await turn();
    transport.close();
    await turn();
    expect(events.filter(([event]) => event === "error")).toHaveLength(1);
  });

  test("the extensions are closed after a Close frame that was read when the transport was gone", async () => {
    const codec = new PromptCodec();
    const { connection, transport, receive } = opened({ role, stages: [{ rsv: 0x40, codec }] });
    const loop = connection[Symbol.asyncIterator]();
    receive(...messages, closeFrame(1000));
    transport.peerEnd();
    transport.close();
    expect(codec.closed).toBe(0);
    expect(await rest(loop)).toEqual(expected);
    expect(codec.closed).toBe(1);
  });
});
