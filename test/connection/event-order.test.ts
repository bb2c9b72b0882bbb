import { expect, test } from "vitest";
import { closeFrame, open, text, turn } from "../support/connection-harness.ts";

test("the events of a connection come in their order: messages that wait, 'drain' or its failure, 'close' behind them", async () => {
  const opened = open({ deaf: ["message"] });
  opened.receive(text("waits"), closeFrame(4000));
  const log: unknown[] = [];
  opened.connection.on("message", (data) => log.push(data));
  opened.connection.on("close", (code) => log.push(code));
  const closed = opened.connection.closed.then(() => log.push("closed"));
  opened.transport.peerEnd();
  await closed;
  expect(log).toEqual(["waits", 4000, "closed"]);
});

test("a connection that is closed before anybody waits for anything still answers all who ask later", async () => {
  const { connection, transport } = open();
  transport.close();
  await turn();
  expect((await connection.closed).code).toBe(1006);
  await expect(connection.drained()).rejects.toMatchObject({ code: "NEVER_DRAINED" });
  await expect(connection.streams().next()).rejects.toMatchObject({ code: "CUT_OFF" });
});
