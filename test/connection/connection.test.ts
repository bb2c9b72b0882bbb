/** What the class itself promises. Its behaviour is tested topic by topic in the files connection-*.test.ts. */
import { describe, expect, test } from "vitest";
import { Connection } from "../../src/connection/connection.ts";
import { argumentError } from "../support/argument-error.ts";
import { closeFrame, open, ROLES, sent, sentMessages, text, turn } from "../support/connection-harness.ts";
import { CLOSE, PING, PONG } from "../support/frames.ts";

const PUBLIC = [
  ...["auth", "bufferedAmount", "close", "closeCode", "closeReason", "error", "extensions", "isPaused", "pause"],
  ...["closed", "drained", "sendStream", "streams"],
  ...["ping", "pong", "protocol", "readyState", "remoteAddress", "resume", "roundTripTime", "send", "terminate"],
];

/** Every name that a connection has, its own and those of all its prototypes, but Object's. */
function namesOf(connection: object): string[] {
  const names = new Set<string>();
  for (let at = connection; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return [...names];
}

test("a Connection shows its public names, those of an EventEmitter, and no internal ones", () => {
  const { connection } = open();
  const shown = [...Object.getOwnPropertyNames(Connection.prototype), ...Object.keys(connection)];
  const unknown = shown.filter((name) => !PUBLIC.includes(name) && name !== "constructor" && !name.startsWith("_"));
  expect(unknown).toEqual([]);
});

test("the constants of Connection are those of a browser's WebSocket", () => {
  expect([Connection.OPEN, Connection.CLOSING, Connection.CLOSED]).toEqual([1, 2, 3]);
});

test("new Connection() in an application throws and says what makes connections", () => {
  const Any = Connection as unknown as new (...args: unknown[]) => unknown;
  const error = argumentError(TypeError, "ARGUMENT_INVALID", /^connections are not made by new Connection\(\)/);
  expect(() => new Any({}, { protocol: "", extensions: "" }, undefined)).toThrow(error);
});

describe.each(ROLES)("as %s, a property that the application sets", (role) => {
  const names = namesOf(open({ role }).connection).filter((name) => !name.startsWith("_") && name !== "constructor");

  test.each(names)(
    "a property %s that the application sets does not break messages, pings or the closing handshake",
    async (name) => {
      const opened = open({ role });
      const { connection, transport, receive } = opened;
      const got: unknown[] = [];
      connection.on("message", (data) => void got.push(data)).on("close", (code) => void got.push(code));
      const { send } = connection;
      const broken = () => {
        throw new Error(`${name} was called`);
      };
      try {
        Object.defineProperty(connection, name, { value: broken, configurable: true });
      } catch {
        // It cannot be set at all.
      }
      send.call(connection, "out");
      receive(text("in"), { opcode: PING, payload: "p" });
      receive(closeFrame(4001, "bye"));
      await turn();
      transport.peerEnd();
      await turn();
      expect(got).toEqual(["in", 4001]);
      expect(sentMessages(opened)).toEqual(["out"]);
      expect(sent(opened).map(({ opcode }) => opcode)).toEqual([1, PONG, CLOSE]);
    },
  );
});
