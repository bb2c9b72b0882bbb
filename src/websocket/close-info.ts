import type { CloseStatus } from "../framing/index.ts";
import { closeStatusOf } from "./close-arguments.ts";
import { isObject, toEnforcedUnsignedShort, toUsvString } from "./web-idl.ts";

/**
 * The code and the reason of a Close frame.
 *
 * @example
 * ```ts
 * import assert from "node:assert";
 * import { once } from "node:events";
 * import { WebSocketServer, WebSocketStream } from "tautline";
 *
 * const server = new WebSocketServer({ port: 0 });
 * await once(server, "listening");
 *
 * const socket = new WebSocketStream(`ws://localhost:${server.address().port}/game`);
 * await socket.opened;
 * socket.close({ closeCode: 4000, reason: "game over" });
 * assert.deepEqual(await socket.closed, { closeCode: 4000, reason: "game over" });
 * await server.close();
 * ```
 */
export interface WebSocketCloseInfo {
  /** 1000 or 3000 to 4999 where it is sent. Without one, the Close frame has none, or 1000 if there is a reason. */
  closeCode?: number | undefined;
  /** At most 123 bytes of UTF-8. "" by default. */
  reason?: string | undefined;
}

/**
 * Converts a dictionary `WebSocketCloseInfo`, and checks the code and the reason.
 *
 * @param owner the operation that takes it, as errors name it
 * @returns the Close frame to send; its code is 1005 if it has none
 * @throws TypeError for anything but an object, `undefined` and `null`, or a code that is not from 0 to 65,535;
 *   DOMException InvalidAccessError for another code that cannot be sent, SyntaxError for a reason that is too long
 */
export function closeStatusFrom(info: unknown, owner: string): CloseStatus {
  if (info === undefined || info === null) return closeStatusOf(undefined, undefined);
  if (!isObject(info)) throw new TypeError(`${owner} takes an object such as { closeCode: 1000, reason: "done" }`);
  const { closeCode, reason } = info as Readonly<Record<string, unknown>>;
  const code = closeCode === undefined ? undefined : toEnforcedUnsignedShort(closeCode, "closeCode");
  return closeStatusOf(code, reason === undefined ? undefined : toUsvString(reason));
}
