/**
 * What an application does with a WebSocketStream, and what comes of it. Each scenario is a function without anything
 * around it, so that it runs in a page of a browser as well.
 */
import type { WebSocketError, WebSocketStream } from "../../src/index.ts";

/** The classes of one implementation, and where the server is. */
export interface Platform {
  readonly Stream: typeof WebSocketStream;
  readonly StreamError: typeof WebSocketError;
  readonly base: string;
}

export interface Scenario {
  readonly title: string;
  readonly run: (platform: Platform) => Promise<unknown>;
  readonly expected: unknown;
  /** What undici does otherwise. */
  readonly undici?: string;
  /** What Chromium does otherwise. */
  readonly chromium?: string;
}

const CANCEL_THROWS = "throws an uncaught TypeError from the socket when its readable was cancelled";

export const SCENARIOS: readonly Scenario[] = [
  {
    title: "opened has the streams, the extensions and the subprotocol",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`, { protocols: ["v1"] });
      const { readable, writable, extensions, protocol } = await stream.opened;
      stream.close();
      await stream.closed;
      return [readable instanceof ReadableStream, writable instanceof WritableStream, typeof extensions, protocol];
    },
    expected: [true, true, "string", "v1"],
    undici: "has extensions that are an object",
  },
  {
    title: "text is read as a string and binary as a Uint8Array",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      const { readable, writable } = await stream.opened;
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      const all: unknown[] = [];
      for (const chunk of ["héllo \ud800", new Uint8Array([1, 255]), new DataView(new ArrayBuffer(4), 1, 2), ""]) {
        await writer.write(chunk);
        const { value } = await reader.read();
        all.push(typeof value === "string" ? value : [value?.constructor === Uint8Array, ...(value ?? [])]);
      }
      stream.close();
      await stream.closed;
      return all;
    },
    expected: ["héllo \ufffd", [true, 1, 255], [true, 0, 0], ""],
    chromium: "reads binary as an ArrayBuffer, as an earlier state of the proposal had it",
  },
  {
    title: "what is no bytes is written as the string that it converts to",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      const { readable, writable } = await stream.opened;
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      const all: unknown[] = [];
      for (const chunk of [42, null, undefined, [1, 2], {}, new Blob(["x"])]) {
        await writer.write(chunk as never);
        all.push((await reader.read()).value);
      }
      stream.close();
      await stream.closed;
      return all;
    },
    expected: ["42", "null", "undefined", "1,2", "[object Object]", "[object Blob]"],
    undici: "rejects such chunks with a TypeError",
  },
  {
    title: "a chunk that cannot be converted errors the writable and leaves the connection open",
    run: async ({ Stream, base }) => {
      const all: unknown[] = [];
      const Resizable = ArrayBuffer as unknown as new (length: number, options: object) => ArrayBuffer;
      for (const chunk of [Symbol("s"), new Resizable(4, { maxByteLength: 8 })]) {
        const stream = new Stream(`${base}/echo`);
        const { writable } = await stream.opened;
        const writer = writable.getWriter();
        writer.closed.catch(() => {});
        writer.ready.catch(() => {});
        all.push(await writer.write(chunk as never).then(String, (error) => error.name));
        stream.close({ closeCode: 4000 });
        all.push((await stream.closed).closeCode);
      }
      return all;
    },
    expected: ["TypeError", 4000, "TypeError", 4000],
    undici: "sends a resizable ArrayBuffer",
  },
  {
    title: "close() sends its code and its reason, and closed has those of the answer",
    run: async ({ Stream, base }) => {
      const all: unknown[] = [];
      const infos = [undefined, {}, { reason: "" }, { reason: "only" }, { closeCode: 3456, reason: "pizza" }];
      for (const info of infos) {
        const stream = new Stream(`${base}/echo`);
        await stream.opened;
        stream.close(info);
        const { closeCode, reason } = await stream.closed;
        all.push([closeCode, reason]);
      }
      return all;
    },
    expected: [
      [1005, ""],
      [1005, ""],
      [1005, ""],
      [1000, "only"],
      [3456, "pizza"],
    ],
  },
  {
    title: "close() throws for a code or a reason that cannot be sent",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      await stream.opened;
      const all: unknown[] = [];
      const tooLong = { reason: "x".repeat(124) };
      for (const info of [true, { closeCode: 999 }, { closeCode: 1001 }, { closeCode: 5000 }, tooLong]) {
        try {
          all.push(stream.close(info as never));
        } catch (error) {
          all.push((error as Error).name);
        }
      }
      stream.close();
      await stream.closed;
      return all;
    },
    expected: ["TypeError", "InvalidAccessError", "InvalidAccessError", "InvalidAccessError", "SyntaxError"],
  },
  {
    title: "closing the writable closes cleanly, and ends with the closing handshake",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      const { readable, writable } = await stream.opened;
      const writer = writable.getWriter();
      let isClosed = false;
      void stream.closed.then(() => {
        isClosed = true;
      });
      await writer.close();
      await stream.closed;
      const { done } = await readable.getReader().read();
      return [isClosed, (await stream.closed).closeCode, done, await writer.closed.then(() => "closed")];
    },
    expected: [true, 1005, true, "closed"],
    undici: "ends writer.close() before the closing handshake",
  },
  {
    title: "what is written after close() is dropped, and the write ends",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      const { writable } = await stream.opened;
      const writer = writable.getWriter();
      writer.ready.catch(() => {});
      stream.close();
      const written = await writer.write("dropped").then(String, (error) => error.name);
      await stream.closed;
      return [written, await writer.closed.then(String, (error) => error.name)];
    },
    expected: ["undefined", "InvalidStateError"],
    undici: "never ends such a write",
    chromium: "rejects the write if its network process has ended the closing handshake meanwhile",
  },
  ...(["cancel", "abort"] as const).map(
    (method): Scenario => ({
      title: `${method}() sends the code and the reason of a WebSocketError alone`,
      run: {
        cancel: async ({ Stream, StreamError, base }: Platform) => {
          const all: unknown[] = [];
          const coded = new StreamError("", { closeCode: 3456, reason: "set" });
          for (const why of [undefined, coded, new StreamError("", { reason: "set" }), { closeCode: 3333 }]) {
            const stream = new Stream(`${base}/echo`);
            const { readable } = await stream.opened;
            all.push(await readable.cancel(why));
            const { closeCode, reason } = await stream.closed;
            all.push([closeCode, reason]);
          }
          return all.filter((each) => each !== undefined);
        },
        abort: async ({ Stream, StreamError, base }: Platform) => {
          const all: unknown[] = [];
          const coded = new StreamError("", { closeCode: 3456, reason: "set" });
          for (const why of [undefined, coded, new StreamError("", { reason: "set" }), { closeCode: 3333 }]) {
            const stream = new Stream(`${base}/echo`);
            const { writable } = await stream.opened;
            all.push(await writable.abort(why));
            const { closeCode, reason } = await stream.closed;
            all.push([closeCode, reason]);
          }
          return all.filter((each) => each !== undefined);
        },
      }[method],
      expected: [
        [1005, ""],
        [3456, "set"],
        [1000, "set"],
        [1005, ""],
      ],
      ...(method === "cancel" ? { undici: CANCEL_THROWS } : {}),
    }),
  ),
  {
    title: "the server's Close frame closes the readable behind its messages, and errors the writable",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/greet-and-close`);
      const { readable, writable } = await stream.opened;
      const { closeCode, reason } = await stream.closed;
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      writer.closed.catch(() => {});
      return [
        [closeCode, reason],
        await reader.read(),
        (await reader.read()).done,
        await writer.ready.then(String, (error) => error.name),
        await writer.write("late").then(String, (error) => error.name),
        await writer.close().then(String, (error) => error.name),
      ];
    },
    expected: [
      [4001, "bye ✓"],
      { value: "first", done: false },
      true,
      "InvalidStateError",
      "InvalidStateError",
      "TypeError",
    ],
  },
  {
    title: "a connection that is cut off errors both streams with the error of closed",
    run: async ({ Stream, StreamError, base }) => {
      const stream = new Stream(`${base}/cut`);
      const { readable, writable } = await stream.opened;
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      writer.closed.catch(() => {});
      void writer.write("now").catch(() => {});
      const error = (await stream.closed.catch((each) => each)) as WebSocketError;
      const errors = [reader.read(), reader.closed, writer.ready].map((each) =>
        each.catch((one: unknown) => one === error),
      );
      return [
        error.constructor === StreamError,
        error.name,
        error.closeCode,
        error.reason,
        ...(await Promise.all(errors)),
      ];
    },
    expected: [true, "WebSocketError", 1006, "", true, true, true],
  },
  {
    title: "a handshake that is refused rejects opened without a code and closed with 1006",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/refused`);
      const [opened, closed] = await Promise.all([
        stream.opened.catch((error) => [error.name, error.closeCode, error.reason]),
        stream.closed.catch((error) => [error.name, error.closeCode, error.reason]),
      ]);
      return [opened, closed];
    },
    expected: [
      ["WebSocketError", null, ""],
      ["WebSocketError", 1006, ""],
    ],
  },
  {
    title: "close() while connecting rejects opened without a code and closed with 1006",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`);
      stream.close({ closeCode: 4000, reason: "too early" });
      const [opened, closed] = await Promise.all([
        stream.opened.catch((error) => [error.name, error.closeCode, error.reason]),
        stream.closed.catch((error) => [error.name, error.closeCode, error.reason]),
      ]);
      return [opened, closed];
    },
    expected: [
      ["WebSocketError", null, ""],
      ["WebSocketError", 1006, ""],
    ],
    undici: "rejects neither",
  },
  {
    title: "a signal that was aborted before rejects both promises with an AbortError",
    run: async ({ Stream, base }) => {
      const stream = new Stream(`${base}/echo`, { signal: AbortSignal.abort() });
      const names = [stream.opened, stream.closed].map((each) =>
        (each as Promise<unknown>).catch((error) => error.name),
      );
      return Promise.all(names);
    },
    expected: ["AbortError", "AbortError"],
  },
  {
    title: "the constructor throws for wrong URLs, options and subprotocols",
    run: async ({ Stream, base }) => {
      const Any = Stream as unknown as new (...given: unknown[]) => WebSocketStream;
      const wrong = [
        [],
        ["invalid:"],
        [`${base}/#fragment`],
        [base, true],
        [base, { protocols: "hi" }],
        [base, { protocols: ["a", "a"] }],
        [base, { protocols: ["a b"] }],
      ];
      return wrong.map((given) => {
        try {
          return new Any(...given).url;
        } catch (error) {
          return (error as Error).name;
        }
      });
    },
    expected: ["TypeError", "SyntaxError", "SyntaxError", "TypeError", "TypeError", "SyntaxError", "SyntaxError"],
  },
  {
    title: "a WebSocketError has the code and the reason of its init, or throws",
    run: async ({ StreamError }) => {
      const Any = StreamError as unknown as new (...given: unknown[]) => WebSocketError;
      const all = [
        [],
        ["m", { closeCode: 3456, reason: "r" }],
        ["", { reason: "r" }],
        ["", { closeCode: 1001 }],
        ["", { closeCode: 1006 }],
        ["", { reason: "🔌".repeat(32) }],
        ["", true],
      ];
      return all.map((given) => {
        try {
          const error = new Any(...given);
          return [error.name, error.message, error.code, error.closeCode, error.reason, error instanceof DOMException];
        } catch (error) {
          return (error as Error).name;
        }
      });
    },
    expected: [
      ["WebSocketError", "", 0, null, "", true],
      ["WebSocketError", "m", 0, 3456, "r", true],
      ["WebSocketError", "", 0, 1000, "r", true],
      "InvalidAccessError",
      "InvalidAccessError",
      "SyntaxError",
      "TypeError",
    ],
  },
];
