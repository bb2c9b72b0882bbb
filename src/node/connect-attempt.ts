import { lookup as resolve } from "node:dns";
import { isIP, type LookupFunction, connect as openTcp, type Socket } from "node:net";
import { connect as openTls, type ConnectionOptions as TlsConnectionOptions } from "node:tls";
import { Connection, resolveSettings, SharedResources } from "../connection/index.ts";
import { ConnectError, type ConnectFailure, ConnectFailures } from "../errors.ts";
import {
  checkAnswer,
  declareAgreed,
  declareOffers,
  type Extension,
  type ExtensionDeclaration,
  formatExtensionHeader,
  type MessagePipeline,
  openPipeline,
} from "../extensions/index.ts";
import { checkResponse, createKey, formatRequest } from "../handshake/index.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { ConnectQueue } from "./connect-queue.ts";
import { resolveExtensions } from "./extension-options.ts";
import { ResponseReader } from "./response-reader.ts";
import { SocketTransport } from "./socket-transport.ts";

const queue = new ConnectQueue();
/** The memory that all clients of the process share; made with the first. */
let commonMemory: SharedResources | undefined;

/** One attempt: resolve the name, wait for its turn, open the socket, send the request, check the response. */
export class ConnectAttempt {
  readonly #url: URL;
  readonly #options: ConnectOptions;
  readonly #fulfil: (connection: Connection) => void;
  readonly #reject: (error: Error) => void;
  readonly #shared: SharedResources;
  readonly #timeout: number;
  readonly #protocols: readonly string[];
  readonly #extensions: readonly Extension[];
  readonly #key = createKey();
  readonly #request: string;
  readonly #reader: ResponseReader;
  readonly #onAbort = () => this.#fail(ConnectFailures.ABORTED, "", this.#options.signal?.reason);
  #socket: Socket | null = null;
  #timer: NodeJS.Timeout | undefined;
  #leaveQueue: (() => void) | null = null;
  /** Whether TCP, and TLS where it is used, stands and the request was sent. */
  #isOpen = false;
  #over = false;
  readonly #onError = (error: Error) => this.#fail(this.#lossNow, describe(error), error);
  readonly #onClose = () => this.#fail(ConnectFailures.CUT_OFF);

  constructor(
    url: URL,
    options: ConnectOptions,
    fulfil: (connection: Connection) => void,
    reject: (error: Error) => void,
  ) {
    this.#url = url;
    this.#options = options;
    this.#fulfil = fulfil;
    this.#reject = reject;
    const { protocols = [], headers = {} } = options;
    this.#shared = new SharedResources(resolveSettings(options), commonMemory);
    commonMemory ??= this.#shared;
    this.#timeout = options.handshakeTimeout ?? 10_000;
    this.#reader = new ResponseReader(options);
    this.#protocols = typeof protocols === "string" ? [protocols] : protocols;
    this.#extensions = resolveExtensions(options);
    const extensions = formatExtensionHeader(declareOffers(this.#extensions));
    this.#request = formatRequest({ url, key: this.#key, protocols: this.#protocols, extensions, headers });
  }

  start(): void {
    const { signal } = this.#options;
    if (signal?.aborted === true) {
      this.#onAbort();
      return;
    }
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    const host = this.#host;
    const family = isIP(host);
    if (family !== 0) {
      this.#enterQueue([{ address: host, family }]);
      return;
    }
    resolve(host, { all: true }, (error, addresses) => {
      if (this.#over) return;
      if (error !== null) this.#fail(ConnectFailures.NO_CONNECTION, error.message, error);
      else this.#enterQueue(addresses);
    });
  }

  get #host(): string {
    const { hostname } = this.#url;
    return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
  }

  get #isSecure(): boolean {
    return this.#url.protocol === "wss:";
  }

  get #port(): number {
    return this.#url.port === "" ? (this.#isSecure ? 443 : 80) : Number(this.#url.port);
  }

  #enterQueue(addresses: readonly ResolvedAddress[]): void {
    if (this.#options.concurrent === true) {
      this.#open(addresses);
      return;
    }
    const address = `${addresses[0]?.address} ${this.#port}`;
    this.#leaveQueue = queue.enter(address, () => this.#open(addresses));
    // It may have failed before it returned.
    if (this.#over) this.#leaveQueue();
  }

  #open(addresses: readonly ResolvedAddress[]): void {
    this.#timer = setTimeout(() => this.#fail(ConnectFailures.HANDSHAKE_TIMEOUT, `${this.#timeout} ms`), this.#timeout);
    const where = { host: this.#host, port: this.#port, lookup: alreadyResolved(addresses), noDelay: true };
    let socket: Socket;
    try {
      socket = this.#isSecure ? openTls({ ...where, ...this.#tlsOptions() }) : openTcp(where);
    } catch (error) {
      // Options that node rejects, such as a certificate that is none.
      this.#settle(() => this.#reject(error as Error));
      return;
    }
    this.#socket = socket;
    // RFC 6455 section 4.1, item 5: the handshake is sent only when TLS stands.
    socket.once(this.#isSecure ? "secureConnect" : "connect", () => {
      this.#isOpen = true;
      socket.write(this.#request, "latin1");
    });
    this.#readResponse(socket);
    socket.on("error", this.#onError).on("close", this.#onClose);
  }

  /** What an error of the socket means now. */
  get #lossNow(): ConnectFailure {
    return this.#isOpen ? ConnectFailures.CUT_OFF : ConnectFailures.NO_CONNECTION;
  }

  #tlsOptions(): TlsConnectionOptions {
    // RFC 6455 section 4.1, item 5: "Clients MUST use the Server Name Indication extension", which has no addresses.
    const servername = isIP(this.#host) === 0 ? { servername: this.#host } : {};
    return { ALPNProtocols: ["http/1.1"], ...servername, ...this.#options.tls };
  }

  #readResponse(socket: Socket): void {
    const onData = (chunk: Buffer) => {
      const reading = this.#reader.push(chunk);
      if (reading === null) return;
      if (reading instanceof ConnectError) {
        this.#settle(() => this.#reject(reading));
        return;
      }
      const agreement = this.#check(reading.head);
      if (agreement === null) return;
      socket.off("data", onData);
      this.#succeed(socket, agreement, reading.rest);
    };
    socket.on("data", onData);
  }

  /** @returns what the response has settled; `null` after it has failed the attempt */
  #check(head: ResponseHeadLike): Agreement | null {
    const extensionNames = this.#extensions.map(({ name }) => name);
    const checked = checkResponse(head, { key: this.#key, protocols: this.#protocols, extensionNames });
    if ("failure" in checked) {
      this.#fail(checked.failure, checked.detail, undefined, head);
      return null;
    }
    const agreement = this.#agree(checked.protocol, checked.extensions);
    if (typeof agreement !== "string") return agreement;
    this.#fail(ConnectFailures.EXTENSION_ANSWER_INVALID, agreement);
    return null;
  }

  #agree(protocol: string, answer: readonly ExtensionDeclaration[]): Agreement | string {
    try {
      const agreed = checkAnswer(this.#extensions, answer);
      if (typeof agreed === "string") return agreed;
      const extensions = formatExtensionHeader(declareAgreed(agreed));
      return { protocol, extensions, pipeline: openPipeline(agreed, this.#shared.settings.maxPayload) };
    } catch (error) {
      // An extension of the application's own: its exception must not reach the socket's listener.
      return error instanceof Error ? error.message : String(error);
    }
  }

  #succeed(socket: Socket, agreement: Agreement, rest: Buffer): void {
    socket.pause();
    socket.off("error", this.#onError).off("close", this.#onClose);
    const terms = { role: "client", auth: undefined, ...agreement } as const;
    const connection = new Connection(new SocketTransport(socket), terms, this.#shared);
    this.#socket = null;
    this.#settle(() => this.#fulfil(connection));
    // Once whoever waits for the promise has attached listeners, so that not even a close is missed.
    setImmediate(() => connection.start(rest));
  }

  #fail(failure: ConnectFailure, detail = "", cause?: unknown, response?: ResponseHeadLike): void {
    this.#settle(() => this.#reject(new ConnectError(failure, detail, errorOptions(cause, response))));
  }

  /** Ends the attempt, once. */
  #settle(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#socket?.destroy();
    tell();
    this.#leaveQueue?.();
  }
}

/** What the two sides have agreed on. */
interface Agreement {
  readonly protocol: string;
  /** The extensions in use as the response names them. */
  readonly extensions: string;
  readonly pipeline: MessagePipeline | null;
}

interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

type ResponseHeadLike = Exclude<ReturnType<ResponseReader["push"]>, null | ConnectError>["head"];

function alreadyResolved(addresses: readonly ResolvedAddress[]): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

/** An error of several addresses tried in turn has no message of its own. */
function describe(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map((each: Error) => each.message).join(", ");
  return error.message;
}

function errorOptions(cause: unknown, response: ResponseHeadLike | undefined) {
  const answer =
    response === undefined || response.status === 101
      ? {}
      : { response: { status: response.status, reason: response.reason, headers: response.fields.toObject() } };
  return cause === undefined ? answer : { ...answer, cause };
}
