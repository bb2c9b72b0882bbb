import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { checkOnlyOptions, checkUpgradeArguments, closingPatience } from "../../src/connection/server-arguments.ts";
import { argumentError } from "../support/argument-error.ts";

describe("the timeout of server.close()", () => {
  test("the timeout of server.close() is 5,000 ms by default, and what the option says otherwise", () => {
    expect(closingPatience({}, []).timeout).toBe(5000);
    expect(closingPatience({ timeout: 0 }, []).timeout).toBe(0);
    expect(closingPatience({ timeout: 2 ** 31 - 1 }, []).timeout).toBe(2 ** 31 - 1);
  });

  test.each([-1, 1.5, 2 ** 31, "5"])("the timeout of server.close() may not be %j", (timeout) => {
    expect(() => closingPatience({ timeout: timeout as number }, [])).toThrow("timeout must be");
  });

  test.each([
    [() => {}, 'it takes no callback, but returns a promise and emits "close"'],
    [1000, "use { timeout }"],
  ])(
    "the timeout of server.close() is an option: %o in the place of the options is an error with advice",
    (given, advice) => {
      expect(() => closingPatience(given as object, [])).toThrow(advice);
    },
  );

  test("the timeout of server.close() is the only argument", () => {
    expect(() => closingPatience({}, [() => {}])).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", /^server\.close\(\)/),
    );
  });
});

test("new WebSocketServer() with a callback is an error that names the event to use", () => {
  expect(checkOnlyOptions([])).toBeUndefined();
  expect(() => checkOnlyOptions([() => {}])).toThrow('use server.on("listening", …)');
});

describe("the arguments of handleUpgrade()", () => {
  const request = { rawHeaders: [] } as never;
  const socket = new PassThrough();
  const head = Buffer.alloc(0);
  const foreign = Object.fromEntries(
    ["on", "off", "once", "write", "end", "pause", "resume", "destroy"].map((name) => [name, () => {}]),
  ) as never;

  test("the arguments of handleUpgrade() are a request, a Duplex of node or of another stream library, and a Buffer", () => {
    expect(checkUpgradeArguments(request, socket, head, [])).toBeUndefined();
    expect(checkUpgradeArguments(request, foreign, Buffer.alloc(0), [])).toBeUndefined();
  });

  test.each<[string, unknown[], string]>([
    ["no request", [undefined, socket, head], "the request for handleUpgrade() must be the IncomingMessage"],
    ["a request of fetch", [{ headers: {} }, socket, head], "the request for handleUpgrade() must be"],
    ["no socket", [request, null, head], "the socket for handleUpgrade() must be"],
    ["a socket without methods", [request, { write() {} }, head], "the socket for handleUpgrade() must be"],
    ["no head", [request, socket, undefined], "the head for handleUpgrade() must be"],
  ])("the arguments of handleUpgrade() are an error with %s", (_what, [message, duplex, bytes], error) => {
    const check = () => checkUpgradeArguments(message as never, duplex as never, bytes as never, []);
    expect(check).toThrow(
      argumentError(TypeError, "ARGUMENT_INVALID", new RegExp(`^${error.replace(/[()]/g, "\\$&")}`)),
    );
  });

  test("the arguments of handleUpgrade() are an error with a callback, which names the event to use", () => {
    expect(() => checkUpgradeArguments(request, socket, head, [() => {}])).toThrow('use the event "connection"');
  });
});
