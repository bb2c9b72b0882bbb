/** An endpoint with a recording face over each carrier, and a raw peer at the other end. No connection is involved. */
import { onTestFinished } from "vitest";
import { resolveServerOptions } from "../../src/connection/server-options.ts";
import type { Terms } from "../../src/endpoint/terms.ts";
import { type Accepted, Acceptor } from "../../src/node/acceptor.ts";
import type { AcceptorOptions } from "../../src/node/acceptor-options.ts";
import { Opening } from "../../src/node/opening.ts";
import type { OpeningOptions } from "../../src/node/opening-options.ts";
import { type Carrier, isSecure, roleOf } from "./carriers.ts";
import { makeCertificate } from "./certificate.ts";
import type { Role } from "./frames.ts";
import { openRaw, type RawPeer, upgrade } from "./raw-peer.ts";
import { RECORDING, type RecordedEndpoint, RecordingFace, recordedGroup } from "./recording-face.ts";
import { script, serveHttp, switching } from "./servers.ts";

export interface CarriedEndpoint {
  readonly face: RecordingFace;
  readonly endpoint: RecordedEndpoint;
  readonly peer: RawPeer;
  readonly role: Role;
}

export async function carriedEndpoint(carrier: Carrier): Promise<CarriedEndpoint> {
  return roleOf(carrier) === "client" ? openedEndpoint(isSecure(carrier)) : acceptedEndpoint(carrier);
}

/** What an acceptor has reported. */
export class AcceptorLog {
  readonly events: string[] = [];
  readonly accepted: Accepted<RecordingFace, string | Buffer, unknown>[] = [];
  readonly refused: Error[] = [];
  readonly errors: Error[] = [];
  readonly face = new RecordingFace();
  #look: () => void = () => {};

  onListening(): void {
    this.#note("listening");
  }

  onError(error: Error): void {
    this.errors.push(error);
    this.#note("error");
  }

  onRefused(error: Error): void {
    this.refused.push(error);
    this.#note("refused");
  }

  onAccepted(accepted: Accepted<RecordingFace, string | Buffer, unknown>): void {
    accepted.endpoint.attach(this.face);
    this.accepted.push(accepted);
    this.#note("accepted");
  }

  /** When this event has been reported. */
  until(event: string): Promise<void> {
    return new Promise((resolve) => {
      this.#look = () => this.events.includes(event) && resolve();
      this.#look();
    });
  }

  #note(event: string): void {
    this.events.push(event);
    this.#look();
  }
}

export type RecordedAcceptor = Acceptor<RecordingFace, string | Buffer, unknown>;

/** An acceptor that is closed when the test is finished. */
export function makeAcceptor(options: AcceptorOptions, log: AcceptorLog, server: object = {}): RecordedAcceptor {
  const acceptor: RecordedAcceptor = new Acceptor(resolveServerOptions(options), recordedGroup("server"), server, log);
  onTestFinished(async () => {
    const terminateAll = () => {
      for (const { endpoint } of log.accepted) endpoint.terminate();
    };
    await acceptor.close({ closeAll: terminateAll, terminateAll }, { timeout: 0, signal: undefined });
  });
  return acceptor;
}

async function acceptedEndpoint(carrier: Carrier): Promise<CarriedEndpoint> {
  const tls = isSecure(carrier) ? await makeCertificate() : undefined;
  const log = new AcceptorLog();
  const peer = await openRaw(await portOf(carrier, log, tls), { halfOpen: true, ...(tls && { ca: tls.cert }) });
  peer.send(upgrade());
  await peer.head();
  await log.until("accepted");
  const [accepted] = log.accepted;
  if (accepted === undefined) throw new Error("nothing was accepted");
  return { face: log.face, endpoint: accepted.endpoint, peer, role: "server" };
}

async function portOf(
  carrier: Carrier,
  log: AcceptorLog,
  tls: { key: string; cert: string } | undefined,
): Promise<number> {
  if (carrier === "a TCP server" || carrier === "a TLS server") {
    const acceptor = makeAcceptor({ port: 0, host: "127.0.0.1", tls }, log);
    await log.until("listening");
    return acceptor.address().port;
  }
  const { http, port } = await serveHttp(tls);
  if (carrier === "an HTTP server" || carrier === "an HTTPS server") {
    makeAcceptor({ server: http }, log);
  } else {
    const acceptor = makeAcceptor({ noServer: true }, log);
    http.on("upgrade", (request, socket, head) => acceptor.handleUpgrade(request, socket, head));
  }
  return port;
}

async function openedEndpoint(secure: boolean): Promise<CarriedEndpoint> {
  const tls = secure ? await makeCertificate() : undefined;
  const { url, peers } = await script(async (peer) => peer.send(switching(await peer.head())), tls);
  const { endpoint, rest } = await opening(url, tls === undefined ? {} : { tls: { ca: tls.cert } });
  const face = new RecordingFace();
  endpoint.attach(face);
  endpoint.start(rest);
  return { face, endpoint, peer: peers[0] as RawPeer, role: "client" };
}

export interface Opened {
  readonly endpoint: RecordedEndpoint;
  readonly terms: Terms;
  readonly rest: Buffer;
}

/** The result of an opening handshake. */
export function opening(url: string, options: OpeningOptions = {}): Promise<Opened> {
  return new Promise((resolve, reject) => {
    const onOpen = (endpoint: RecordedEndpoint, terms: Terms, rest: Buffer) => resolve({ endpoint, terms, rest });
    new Opening(new URL(url), options, RECORDING, { onOpen, onFailed: reject }).start();
  });
}
