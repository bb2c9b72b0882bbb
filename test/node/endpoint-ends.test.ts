/** Every way in which a connection can end, over each carrier: an endpoint reports its ends once each, and in order. */
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { CARRIERS, framesFor, isSecure } from "../support/carriers.ts";
import { closeFrame, text } from "../support/connection-harness.ts";
import { type CarriedEndpoint, carriedEndpoint } from "../support/endpoint-carriers.ts";
import type { RecordingFace } from "../support/recording-face.ts";

type End = (made: CarriedEndpoint, secure: boolean) => void;

/** The ways of an end, and the codes of the errors that `onClosed` may have; `null` for an end in order. */
const ENDS: readonly [string, End, readonly (string | null)[]][] = [
  ["the peer closes", ({ peer, role }) => peer.socket.end(framesFor(role, text("last"), closeFrame(4001))), [null]],
  [
    "the peer ends without a Close frame",
    ({ peer, role }) => peer.socket.end(framesFor(role, text("last"))),
    ["CUT_OFF"],
  ],
  ["the peer's socket is destroyed", ({ peer }) => void peer.socket.destroy(), ["CUT_OFF", "TRANSPORT_FAILED"]],
  [
    "the peer resets",
    // Under TLS a reset crashes node 20.
    ({ peer }, secure) => void (secure ? peer.socket.destroy() : (peer.socket as Socket).resetAndDestroy()),
    ["CUT_OFF", "TRANSPORT_FAILED"],
  ],
  [
    "the peer breaks a rule",
    ({ peer, role }) => peer.send(framesFor(role, { ...text("x"), rsv: 2 })),
    ["RESERVED_BITS"],
  ],
  ["the face closes", ({ endpoint }) => endpoint.close({ code: 4000, reason: "bye" }), [null]],
  ["the face terminates", ({ endpoint }) => endpoint.terminate(), ["TERMINATED"]],
  [
    "the face fails the connection",
    ({ endpoint }) => endpoint.fail(ExtensionViolations.EXTENSION_FAILED),
    ["EXTENSION_FAILED"],
  ],
  [
    "both sides close at the same time",
    ({ endpoint, peer, role }) => {
      endpoint.close({ code: 4000, reason: "" });
      peer.socket.end(framesFor(role, closeFrame(4001)));
    },
    [null],
  ],
  [
    "the face closes a connection that it has paused",
    ({ endpoint, peer, role }) => {
      endpoint.pause();
      peer.send(framesFor(role, text("unread")));
      endpoint.close({ code: 4000, reason: "" });
      endpoint.resume();
    },
    [null],
  ],
];

/** Once both ends were reported. */
function ended(face: RecordingFace): Promise<void> {
  return new Promise((resolve) => {
    face.react = () => face.has("onClosed") && face.has("onInputEnd") && resolve();
    face.react(["onDrain"]);
  });
}

/** The peer answers a Close frame, and ends when the other side has. */
async function answer({ peer, role }: CarriedEndpoint): Promise<void> {
  const { opcode } = await peer.frame();
  if (opcode === 8) peer.send(framesFor(role, closeFrame(4000)));
  peer.socket.end();
}

describe.each(CARRIERS)("over %s", (carrier) => {
  test.each(ENDS)(
    "an endpoint reports onOutputEnd, onInputEnd and onClosed once each and breaks no rule of its contract when %s",
    async (_name, end, codes) => {
      const made = await carriedEndpoint(carrier);
      const { face, endpoint } = made;
      const answering = answer(made).catch(() => {});
      end(made, isSecure(carrier));
      await ended(face);
      made.peer.socket.destroy();
      await answering;
      face.send(() => endpoint.sendText("late", {}));
      const ends = face.names.filter((name) => name.endsWith("End") || name === "onClosed");
      expect([...ends].sort()).toEqual(["onClosed", "onInputEnd", "onOutputEnd"]);
      expect(face.faults).toEqual([]);
      const error = face.of("onClosed")[0]?.[1] as { readonly code: string } | null;
      expect(codes).toContain(error === null ? null : error.code);
      expect(endpoint.phase).toBe("closed");
    },
  );
});
