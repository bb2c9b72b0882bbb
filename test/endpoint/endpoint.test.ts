import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Endpoint } from "../../src/endpoint/endpoint.ts";
import { FramedMessage } from "../../src/endpoint/framed-message.ts";
import { ExtensionViolations } from "../../src/extensions/extension-violations.ts";
import { PromptCodec, reversed, SlowCodec } from "../connection/codecs.ts";
import { closeFrame, closePayload, ROLES, sent, text, turn } from "../support/connection-harness.ts";
import { FakeTransport } from "../support/fake-transport.ts";
import { BINARY, CLOSE, PING, PONG, TEXT } from "../support/frames.ts";
import { openEndpoint, RecordingFace, recordedGroup } from "../support/recording-face.ts";

const status = (code: number, reason = "") => ({ code, reason });
const error = (code: string) => expect.objectContaining({ name: "ConnectionError", code });

describe.each(ROLES)("an endpoint as %s", (role) => {
  test("an endpoint reports messages, pings and pongs in the order of their arrival, and answers the pings", () => {
    const opened = openEndpoint({ role });
    opened.receive(
      text("a"),
      { opcode: PING, payload: "p" },
      { opcode: PONG, payload: "q" },
      { opcode: BINARY, payload: "b" },
    );
    expect(opened.face.events).toEqual([
      ["onMessage", TEXT, "a"],
      ["onPing", Buffer.from("p")],
      ["onPong", Buffer.from("q")],
      ["onMessage", BINARY, Buffer.from("b")],
    ]);
    expect(sent(opened)).toEqual([{ opcode: PONG, payload: Buffer.from("p") }]);
  });

  test("an endpoint reads the bytes that came with the handshake first", () => {
    const { face, receive } = openEndpoint({ role, rest: Buffer.alloc(0) });
    receive(text("after"));
    expect(face.of("onMessage")).toEqual([[TEXT, "after"]]);
  });

  test("an endpoint closes in order if the peer closes: onOutputEnd, then onInputEnd and onClosed with the peer's status", async () => {
    const { endpoint, face, transport, receive } = openEndpoint({ role });
    receive(closeFrame(4001, "bye"));
    expect(face.names).toEqual(["onOutputEnd"]);
    expect(endpoint.phase).toBe("closeAcknowledged");
    transport.peerEnd();
    await turn();
    expect(face.names).toEqual(["onOutputEnd", "onInputEnd", "onClosed"]);
    expect(face.of("onClosed")).toEqual([[status(4001, "bye"), null]]);
    expect(endpoint).toMatchObject({ phase: "closed", error: null, firstError: null, hasFailed: false });
    expect(endpoint.closeStatus).toEqual(status(4001, "bye"));
  });

  test("an endpoint closes in order if it closes itself, and still reports messages before the peer's Close frame", async () => {
    const opened = openEndpoint({ role });
    const { endpoint, face, transport, receive } = opened;
    endpoint.close(status(4002, "done"));
    expect(face.names).toEqual(["onOutputEnd"]);
    await turn();
    expect(sent(opened)).toEqual([{ opcode: CLOSE, payload: closePayload(4002, "done") }]);
    receive(text("late"), closeFrame(4002, "done"));
    transport.peerEnd();
    await turn();
    expect(face.names).toEqual(["onOutputEnd", "onMessage", "onInputEnd", "onClosed"]);
  });

  test("RFC 6455 section 7.1.7: an endpoint fails on a broken rule, and reports it once nothing can be sent any more", async () => {
    const opened = openEndpoint({ role });
    const { endpoint, face, transport, receive } = opened;
    receive({ ...text("x"), rsv: 2 });
    expect(face.names).toEqual(["onOutputEnd", "onFailure"]);
    expect(sent(opened)[0]).toMatchObject({ opcode: CLOSE });
    expect(endpoint.hasFailed).toBe(true);
    transport.peerEnd();
    await turn();
    transport.close();
    expect(face.names).toEqual(["onOutputEnd", "onFailure", "onInputEnd", "onClosed"]);
    expect(face.of("onClosed")).toEqual([[status(1006), error("RESERVED_BITS")]]);
  });

  test("an endpoint reports CUT_OFF with onClosed alone if the transport ends without a Close frame", async () => {
    const { endpoint, face, transport } = openEndpoint({ role });
    transport.peerEnd();
    await turn();
    expect(face.names).toEqual(["onOutputEnd", "onInputEnd", "onClosed"]);
    expect(face.of("onClosed")).toEqual([[status(1006), error("CUT_OFF")]]);
    expect(endpoint.hasFailed).toBe(false);
  });

  test("an endpoint reports a failed transport before onClosed, with the transport's error as the cause", () => {
    const { face, transport } = openEndpoint({ role });
    const cause = new Error("reset");
    transport.close(cause);
    expect(face.names).toEqual(["onOutputEnd", "onFailure", "onInputEnd", "onClosed"]);
    expect(face.of("onFailure")).toEqual([[expect.objectContaining({ code: "TRANSPORT_FAILED", cause })]]);
  });

  test("terminate() of an endpoint destroys the transport, sends no Close frame, and reports TERMINATED with onClosed alone", async () => {
    const opened = openEndpoint({ role });
    const { endpoint, face, transport } = opened;
    endpoint.sendText("last", {});
    endpoint.terminate();
    expect(transport.destroyed).toBe(true);
    await turn();
    expect(sent(opened)).toEqual([{ opcode: TEXT, payload: Buffer.from("last") }]);
    expect(face.names).toEqual(["onOutputEnd", "onInputEnd", "onClosed"]);
    expect(face.of("onClosed")).toEqual([[status(1006), error("TERMINATED")]]);
  });

  test("an endpoint sends nothing after its end, and each send returns closed", () => {
    const { endpoint } = openEndpoint({ role });
    expect(endpoint.sendText("x", {})).toBe("sent");
    endpoint.close(status(1000));
    const message = new FramedMessage(TEXT, Buffer.from("x"), {});
    expect([
      endpoint.sendText("x", {}),
      endpoint.sendBytes(BINARY, Buffer.from("x"), {}),
      endpoint.sendFramed(message),
      endpoint.ping(Buffer.alloc(0)),
      endpoint.pong(Buffer.alloc(0)),
    ]).toEqual(Array.from({ length: 5 }, () => "closed"));
  });
});

test("a group has an endpoint from attach() until it is closed", () => {
  const group = recordedGroup("server");
  const transport = new FakeTransport();
  const endpoint = new Endpoint(transport, null, group);
  const face = new RecordingFace();
  expect(group.open.faces.has(face)).toBe(false);
  endpoint.attach(face);
  expect([...group.open.faces]).toEqual([face]);
  endpoint.start(Buffer.alloc(0));
  transport.close();
  return turn().then(() => expect([...group.open.faces]).toEqual([]));
});

test("nothing arrives while an endpoint is paused, and everything does after resume()", async () => {
  const { endpoint, face, receive } = openEndpoint();
  endpoint.pause();
  receive(text("a"), { opcode: PING }, text("b"));
  expect(face.events).toEqual([]);
  endpoint.resume();
  await turn();
  expect(face.names).toEqual(["onMessage", "onPing", "onMessage"]);
});

test("what arrived before the transport was gone is reported as onDisconnected, and is still read", () => {
  const { endpoint, face, transport, receive } = openEndpoint({
    transport: new FakeTransport({ afterPause: "goesOn" }),
  });
  endpoint.pause();
  receive(text("a"), closeFrame(4003, "late"));
  transport.close();
  expect(face.names).toEqual(["onOutputEnd", "onDisconnected"]);
  expect(endpoint).toMatchObject({ phase: "disconnected", isAllRead: false, isInputEnded: false });
  endpoint.resume();
  expect(face.names).toEqual(["onOutputEnd", "onDisconnected", "onMessage", "onClosed", "onInputEnd"]);
  expect(face.of("onClosed")).toEqual([[status(4003, "late"), null]]);
  expect(endpoint.isInputEnded).toBe(true);
});

test("onDrain follows a full, when everything has left, and bufferedAmount is 0 then", () => {
  const { endpoint, face, transport } = openEndpoint({ highWaterMark: 1 });
  transport.stick();
  expect(endpoint.sendText("abc", {})).toBe("full");
  expect(endpoint.bufferedAmount).toBe(5);
  endpoint.flushAtExit();
  transport.drain();
  expect(face.names).toEqual(["onDrain"]);
  expect(endpoint.bufferedAmount).toBe(0);
});

test("RFC 6455 section 10.4: a message past maxBufferedAmount ends the connection with UNSENT_LIMIT", () => {
  const { endpoint, face, transport } = openEndpoint({ maxBufferedAmount: 10 });
  transport.stick();
  endpoint.sendText("0123456789", {});
  expect(endpoint.sendText("0123456789", {})).toBe("closed");
  expect(face.names).toEqual(["onOutputEnd", "onFailure"]);
  expect(face.of("onFailure")).toEqual([[error("UNSENT_LIMIT")]]);
  expect(transport.destroyed).toBe(true);
});

describe("fail()", () => {
  test("fail() sends the Close frame of the violation and reports the cause", () => {
    const opened = openEndpoint();
    const cause = new Error("why");
    opened.endpoint.fail(ExtensionViolations.EXTENSION_FAILED, cause);
    expect(opened.face.names).toEqual(["onOutputEnd", "onFailure"]);
    expect(opened.face.of("onFailure")).toEqual([[expect.objectContaining({ code: "EXTENSION_FAILED", cause })]]);
  });

  test("fail() only reports the violation if the connection is ending already", () => {
    const { endpoint, face, receive } = openEndpoint();
    receive(closeFrame(1000));
    endpoint.fail(ExtensionViolations.EXTENSION_FAILED);
    expect(face.names).toEqual(["onOutputEnd", "onFailure"]);
    expect(endpoint).toMatchObject({ phase: "closeAcknowledged", error: null });
    expect(endpoint.firstError?.code).toBe("EXTENSION_FAILED");
  });
});

describe("extensions", () => {
  test("the extensions of an endpoint are closed once, before onInputEnd", async () => {
    const codec = new PromptCodec();
    const { face, transport } = openEndpoint({ stages: [{ rsv: 0x40, codec }] });
    const closedAt: number[] = [];
    face.react = ([name]) => name === "onInputEnd" && closedAt.push(codec.closed);
    transport.close();
    await turn();
    expect(closedAt).toEqual([1]);
    expect(codec.closed).toBe(1);
  });

  test("an extension that is decoding when the transport is gone finishes, and onInputEnd comes behind its message", async () => {
    const codec = new SlowCodec();
    const { face, transport, receive } = openEndpoint({ stages: [{ rsv: 0x40, codec }] });
    receive({ opcode: TEXT, payload: reversed("slow"), rsv: 4 });
    transport.close();
    expect(face.has("onInputEnd")).toBe(false);
    await codec.decoded();
    expect(face.names.slice(-3)).toEqual(["onMessage", "onInputEnd", "onClosed"]);
    expect(codec.closed).toBe(1);
  });
});

describe("the times of an endpoint", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  async function pass(milliseconds: number): Promise<void> {
    for (let step = 0; step < 8; step++) {
      vi.advanceTimersByTime(milliseconds / 8);
      await turn();
    }
  }

  test("RFC 6455 section 7.1.1: a closing handshake that takes longer than closeTimeout ends with CLOSE_TIMEOUT", async () => {
    const { endpoint, face, transport } = openEndpoint({ closeTimeout: 1000 });
    endpoint.close(status(1000));
    await pass(1000);
    await pass(8);
    expect(transport.destroyed).toBe(true);
    await turn();
    expect(face.of("onClosed")).toEqual([[status(1006), error("CLOSE_TIMEOUT")]]);
    expect(face.has("onFailure")).toBe(false);
  });

  test("RFC 6455 section 5.5.2: a peer that answers no ping within pingTimeout is reported as PEER_DEAD", async () => {
    const opened = openEndpoint({ pingInterval: 1000, pingTimeout: 1000 });
    await pass(2000);
    expect(sent(opened).map(({ opcode }) => opcode)).toEqual([PING]);
    await pass(2000);
    expect(opened.face.of("onFailure")).toEqual([[error("PEER_DEAD")]]);
    expect(opened.transport.destroyed).toBe(true);
  });

  test("RFC 6455 section 7.4.1: a connection without a message for idleTimeout is closed with 1001", async () => {
    const opened = openEndpoint({ pingInterval: 0, idleTimeout: 1000 });
    await pass(1600);
    expect(sent(opened)).toEqual([{ opcode: CLOSE, payload: closePayload(1001, "no message for 1000 ms") }]);
    expect(opened.face.names).toEqual(["onOutputEnd"]);
  });
});
