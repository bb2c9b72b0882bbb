import { describe, expect, test, vi } from "vitest";
import { type FragmentOutput, FragmentWriter } from "../../src/endpoint/fragment-writer.ts";
import { type MessageCodec, MessagePipeline, type PieceEncoder } from "../../src/extensions/index.ts";
import { Opcode } from "../../src/framing/index.ts";

const PLAIN: MessageCodec = { encode: () => null, decode: (payload) => payload, close() {} };

function setUp(codec: MessageCodec | null = null) {
  const pipeline = codec === null ? null : new MessagePipeline([{ rsv: 0x40, codec }]);
  const output = {
    pipeline,
    hasRoom: true,
    maxCollected: 10,
    addFragment: vi.fn(),
    sendWhole: vi.fn(),
    onEncodingFailed: vi.fn(),
    onWritten: vi.fn(),
    onWithdrawn: vi.fn(),
  } satisfies FragmentOutput;
  const listener = { onRoom: vi.fn(), onLeft: vi.fn(), onCancelled: vi.fn() };
  const writer = new FragmentWriter(output, {}, listener);
  const written = () => output.addFragment.mock.calls.map(([first, payload]) => [first, String(payload)]);
  return { output, listener, writer, written };
}

const bytes = (text: string) => Buffer.from(text);

test("RFC 6455 section 5.4: the opcode is on the first fragment, FIN on the last", () => {
  const { writer, written, output } = setUp();
  writer.open();
  for (const [payload, final] of [
    ["a", false],
    ["b", false],
    ["c", true],
  ] as const) {
    expect(writer.write(Opcode.Text, bytes(payload), final)).toBe(true);
  }
  expect(written()).toEqual([
    [0x01, "a"],
    [0x00, "b"],
    [0x80, "c"],
  ]);
  expect(output.onWritten).toHaveBeenCalledWith(writer);
});

test("nothing is written before its turn, behind its end, or once it is withdrawn", () => {
  const { writer, written } = setUp();
  writer.write(Opcode.Text, bytes("early"), false);
  writer.open();
  writer.withdraw();
  writer.write(Opcode.Text, bytes("late"), true);
  expect([written(), writer.hasRoom]).toEqual([[], false]);
});

describe("with an extension that encodes in pieces", () => {
  const encoder: PieceEncoder = { encode: async (payload) => bytes(`<${Buffer.from(payload)}>`), close: vi.fn() };

  test("RFC 7692 section 6.1: the reserved bit is on the first fragment only", async () => {
    const { writer, written } = setUp({ ...PLAIN, encodePieces: () => encoder });
    writer.open();
    await writer.write(Opcode.Binary, bytes("a"), false);
    await writer.write(Opcode.Binary, bytes("b"), true);
    expect(written()).toEqual([
      [0x42, "<a>"],
      [0x80, "<b>"],
    ]);
    expect(encoder.close).toHaveBeenCalled();
  });

  test("a fragment that is encoded when it is cancelled is not written", async () => {
    const { writer, written, listener } = setUp({ ...PLAIN, encodePieces: () => encoder });
    writer.open();
    const writing = writer.write(Opcode.Binary, bytes("a"), false);
    writer.cancel();
    await writing;
    expect([written(), listener.onCancelled.mock.calls.length]).toEqual([[], 1]);
  });

  test("the encoder is closed when the message is withdrawn while its first fragment is being encoded", async () => {
    const first: PieceEncoder = { ...encoder, close: vi.fn() };
    const { writer, written } = setUp({ ...PLAIN, encodePieces: () => first });
    writer.open();
    const writing = writer.write(Opcode.Binary, bytes("a"), false);
    writer.withdraw();
    await writing;
    expect(written()).toEqual([]);
    expect(first.close).toHaveBeenCalledOnce();
  });

  test("its failure is reported", async () => {
    const failure = new Error("broken");
    const broken = { encode: () => Promise.reject(failure), close() {} };
    const { writer, output } = setUp({ ...PLAIN, encodePieces: () => broken });
    writer.open();
    await writer.write(Opcode.Binary, bytes("a"), false);
    expect(output.onEncodingFailed).toHaveBeenCalledWith(failure);
  });
});

test("for an extension that needs whole messages it is collected, as far as that is allowed", () => {
  const { writer, output } = setUp(PLAIN);
  writer.open();
  writer.write(Opcode.Text, bytes("12345"), false);
  expect(writer.collectedBytes).toBe(5);
  writer.write(Opcode.Text, bytes("67890"), true);
  expect(output.sendWhole).toHaveBeenCalledWith(Opcode.Text, bytes("1234567890"), {});
  const other = setUp(PLAIN);
  other.writer.open();
  expect(other.writer.write(Opcode.Text, bytes("12345678901"), false)).toBe(false);
  expect(other.output.sendWhole).not.toHaveBeenCalled();
});
