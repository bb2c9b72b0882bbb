/**
 * What a page does with a WebSocket. Each scenario runs with Tautline's class, with undici's, and in a browser, so it uses
 * nothing but what it is given and what all of them have. It returns what the page could see.
 */

/** The part of the browser's class that the scenarios use. */
export interface PageSocket extends EventTarget {
  readonly url: string;
  readonly readyState: number;
  readonly bufferedAmount: number;
  readonly extensions: string;
  readonly protocol: string;
  binaryType: string;
  onopen: unknown;
  onmessage: unknown;
  onerror: unknown;
  onclose: unknown;
  send(...data: unknown[]): void;
  close(...given: unknown[]): void;
}

export type PageWebSocket = {
  new (url: string, protocols?: string | string[]): PageSocket;
  readonly prototype: object;
} & Record<"CONNECTING" | "OPEN" | "CLOSING" | "CLOSED", number>;

/** Everything that happens on a socket, as the page sees it, until its close event. */
export type Follow = (socket: PageSocket) => Promise<unknown[]>;

export type Scenario = (WebSocket: PageWebSocket, url: string, follow: Follow) => unknown;

/** Given to each scenario; also runs in the page. */
export function follow(socket: PageSocket): Promise<unknown[]> {
  const log: unknown[] = [];
  return new Promise((resolve) => {
    for (const type of ["open", "message", "error", "close"]) {
      socket.addEventListener(type, (event) => {
        const { data, code, reason, wasClean } = event as Event & Record<string, unknown>;
        const isText = typeof data === "string";
        if (type === "message") log.push(["message", isText ? data : Object.prototype.toString.call(data)]);
        else
          log.push(type === "close" ? ["close", code, reason, wasClean, socket.readyState] : [type, socket.readyState]);
        if (type === "close") resolve(log);
      });
    }
  });
}

/** The server echoes, and obeys texts that begin with "!" (web-socket-peers.ts). */
export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  "has constants on the class and on its prototype": (WebSocket) =>
    ["CONNECTING", "OPEN", "CLOSING", "CLOSED"].map((name) => [
      Object.getOwnPropertyDescriptor(WebSocket, name),
      Object.getOwnPropertyDescriptor(WebSocket.prototype, name),
    ]),

  "has the properties of the interface": (WebSocket) =>
    ["url", "readyState", "bufferedAmount", "extensions", "protocol", "binaryType", "onopen", "send", "close"].map(
      (name) => {
        const descriptor = Object.getOwnPropertyDescriptor(WebSocket.prototype, name) ?? {};
        const { enumerable, configurable, get, set, value } = descriptor;
        return [name, enumerable, configurable, typeof get, typeof set, typeof value, value?.length];
      },
    ),

  "throws for arguments of the constructor that are wrong": (WebSocket, url) => {
    const Loose = WebSocket as unknown as new (...given: unknown[]) => unknown;
    const calls: unknown[][] = [
      [],
      ["ws://"],
      ["ftp://a/"],
      [`${url}#`],
      [url, "a b"],
      [url, ""],
      [url, ["a", "a"]],
      [url, Symbol("s")],
      [Symbol("s")],
    ];
    return calls.map((given) => {
      try {
        new Loose(...given);
        return "no error";
      } catch (error) {
        return (error as Error).name;
      }
    });
  },

  "is connecting at first": async (WebSocket, url, follow) => {
    const socket = new WebSocket(`${url}/a b?c#`.slice(0, -1));
    const { readyState, protocol, extensions, bufferedAmount, binaryType } = socket;
    const first = [socket.url.replace(url, ""), readyState, protocol, extensions, bufferedAmount, binaryType];
    socket.addEventListener("open", () => socket.close());
    return [first, await follow(socket)];
  },

  "throws for send() while it is connecting": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const names: string[] = [];
    for (const given of [["x"], [], [Symbol("s")]]) {
      try {
        socket.send(...given);
      } catch (error) {
        names.push((error as Error).name);
      }
    }
    socket.addEventListener("open", () => socket.close());
    return [names, socket.bufferedAmount, (await follow(socket)).length];
  },

  "sends and receives text, binary and whatever becomes a string": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      for (const data of ["hé\ud800", "", new Uint8Array([1, 2]), new ArrayBuffer(0), new Blob(["x"]), null, 5, {}]) {
        socket.send(data);
      }
      socket.send("!close 1000 done");
    });
    return follow(socket);
  },

  "keeps the order of Blobs and other messages": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const log: string[] = [];
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      socket.send(new Blob(["first"]));
      socket.send("second");
      socket.send(new Blob(["third"]));
      socket.send(new Uint8Array([52]));
      socket.send("!close 1000 done");
    });
    socket.addEventListener("message", (event) => {
      const { data } = event as unknown as { data: string | ArrayBuffer };
      log.push(typeof data === "string" ? data : `binary ${new TextDecoder().decode(data)}`);
    });
    await follow(socket);
    return log;
  },

  "sends Blobs before it closes": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => {
      socket.send(new Blob(["!closing"]));
      socket.close(3000, "bye");
    });
    return follow(socket);
  },

  "uses the binary type of the moment in which a message is handed out": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.send("!binaries"));
    socket.addEventListener("message", () => {
      socket.binaryType = socket.binaryType === "blob" ? "arraybuffer" : "blob";
      socket.binaryType = "nothing else";
    });
    return follow(socket);
  },

  "runs promises between two messages": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const log: string[] = [];
    socket.addEventListener("open", () => socket.send("!texts"));
    socket.addEventListener("message", async (event) => {
      const { data } = event as unknown as { data: string };
      log.push(data);
      for (let step = 0; step < 4; step++) {
        await null;
        log.push(`${data}${step}`);
      }
    });
    await follow(socket);
    return log;
  },

  "drops messages once close() was called": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.send("!texts"));
    socket.addEventListener("message", () => socket.close());
    return follow(socket);
  },

  "reports the server's code and reason": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.send("!close 4001 as you wish ✓"));
    return follow(socket);
  },

  "reports 1005 for a Close frame without a code": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.send("!close"));
    return follow(socket);
  },

  "reports 1006 if the transport is lost": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.send("!reset"));
    return follow(socket);
  },

  "closes without a code": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.close());
    return follow(socket);
  },

  "closes with a code and a reason": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.close("3001", "bye ✓\ud800"));
    return follow(socket);
  },

  "rounds a code to the nearest whole number": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    socket.addEventListener("open", () => socket.close(3001.5));
    return follow(socket);
  },

  "closes with a reason alone": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const names: string[] = [];
    socket.addEventListener("open", () => {
      try {
        socket.close(undefined, "bye");
      } catch (error) {
        names.push((error as Error).name, (error as Error).message);
        socket.close();
      }
    });
    return [names, await follow(socket)];
  },

  "throws for wrong arguments of close()": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const names: string[] = [];
    socket.addEventListener("open", () => {
      for (const given of [[999], [1001], [null], [5000], [1000, "é".repeat(62)], [Symbol("s")]]) {
        try {
          socket.close(...given);
        } catch (error) {
          names.push((error as Error).name);
        }
      }
      names.push(String(socket.readyState));
      socket.close();
    });
    return [await follow(socket), names];
  },

  "fails if close() is called while it is connecting": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const events = follow(socket);
    socket.close(3000, "bye");
    return [socket.readyState, await events];
  },

  "fails if the server refuses": async (WebSocket, url, follow) => follow(new WebSocket(`${url}/refused`)),

  "uses the subprotocol of the server": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url, ["x", "chat"]);
    const seen: string[] = [];
    socket.addEventListener("open", () => {
      seen.push(socket.protocol);
      socket.close();
    });
    return [await follow(socket), seen];
  },

  "fails if the server chooses no subprotocol": async (WebSocket, url, follow) =>
    follow(new WebSocket(`${url}/without`, ["chat"])),

  "counts messages in bufferedAmount until they have left": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const amounts: number[] = [];
    socket.addEventListener("open", () => {
      socket.send("hé");
      socket.send(new Uint8Array(1000));
      socket.send(new Blob(["four"]));
      amounts.push(socket.bufferedAmount);
      socket.send("!close 1000 done");
    });
    socket.addEventListener("close", () => {
      amounts.push(socket.bufferedAmount);
      socket.send("hé");
      socket.send(new Blob(["four"]));
      amounts.push(socket.bufferedAmount);
    });
    await follow(socket);
    return amounts;
  },

  "keeps the place of an event handler while its value changes": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const log: unknown[] = [];
    const note = (text: string) => () => log.push(text);
    socket.onopen = note("old handler");
    socket.addEventListener("open", note("listener"));
    socket.onopen = note("new handler");
    socket.onmessage = 5;
    log.push(socket.onmessage);
    const object = {};
    socket.onmessage = object;
    log.push(socket.onmessage === object);
    socket.onclose = note("close");
    socket.onclose = null;
    socket.addEventListener("open", () => socket.close());
    await follow(socket);
    return log;
  },

  "fires trusted events that cannot be cancelled": async (WebSocket, url, follow) => {
    const socket = new WebSocket(url);
    const log: unknown[] = [];
    socket.addEventListener("open", () => socket.send("x"));
    socket.addEventListener("message", () => socket.close());
    for (const type of ["open", "message", "close"]) {
      socket.addEventListener(type, (event) => {
        const { bubbles, cancelable, isTrusted, target } = event;
        log.push([event.constructor.name, bubbles, cancelable, isTrusted, target === socket]);
      });
    }
    await follow(socket);
    return log;
  },

  "has the origin of its URL in each message": async (WebSocket, url, follow) => {
    const socket = new WebSocket(`${url}/path?query`);
    const log: unknown[] = [];
    socket.addEventListener("open", () => socket.send("x"));
    socket.addEventListener("message", (event) => {
      const { origin, lastEventId, source, ports } = event as unknown as Record<string, unknown>;
      log.push([(origin as string) === url, lastEventId, source, (ports as unknown[]).length]);
      socket.close();
    });
    await follow(socket);
    return log;
  },
};
