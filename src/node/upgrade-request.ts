import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { HeaderFields } from "../http/header-fields.ts";
import type { RequestHead } from "../http/request-head.ts";

/**
 * The request that asked for a WebSocket. Its names are those of node's `IncomingMessage`, whichever server has read
 * it.
 */
export class UpgradeRequest implements RequestHead {
  readonly method: string;
  readonly target: string;
  readonly httpVersion: string;
  readonly fields: HeaderFields;
  /** The TCP or TLS socket that it came on: `socket.remoteAddress`, or `getPeerCertificate()` under TLS. */
  readonly socket: Duplex & { readonly remoteAddress?: string | undefined };

  constructor(head: RequestHead, socket: Duplex) {
    this.method = head.method;
    this.target = head.target;
    this.httpVersion = head.httpVersion;
    this.fields = head.fields;
    this.socket = socket;
  }

  /** Makes one of a message that node's http server has parsed. */
  static from(message: IncomingMessage, socket: Duplex): UpgradeRequest {
    const { method = "", url = "", httpVersion, rawHeaders } = message;
    return new UpgradeRequest({ method, target: url, httpVersion, fields: HeaderFields.fromRaw(rawHeaders) }, socket);
  }

  /** The request target, such as "/chat?room=1". */
  get url(): string {
    return this.target;
  }

  /** The header fields by lower-case name. Several values of one are joined by ", ", those of `cookie` by "; ". */
  get headers(): Readonly<Record<string, string>> {
    return this.fields.toObject();
  }

  /** The header fields as they came: name, value, name, value. */
  get rawHeaders(): readonly string[] {
    return this.fields.raw;
  }
}
