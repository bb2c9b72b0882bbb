import { describe, expect, test } from "vitest";
import type { FragmentListener } from "../../src/endpoint/fragment-writer.ts";
import { SendTurns } from "../../src/endpoint/send-turns.ts";
import { Opcode } from "../../src/framing/index.ts";

class Output {
  readonly pipeline = null;
  readonly maxCollected = 100;
  readonly log: string[] = [];
  hasRoom = true;
  added = 0;
  left = 0;

  addFragment(first: number, payload: Uint8Array): void {
    this.added += payload.length;
    this.log.push(`${first.toString(16)} ${Buffer.from(payload)}`);
  }

  sendWhole(): void {}

  onEncodingFailed(): void {}

  inOrder(step: () => void): void {
    step();
  }

  onTakenBack(): void {
    this.log.push("taken back");
  }
}

function setUp() {
  const output = new Output();
  const turns = new SendTurns(output);
  const listener = (name: string): FragmentListener => ({
    onRoom: () => void output.log.push(`${name} room`),
    onLeft: () => void output.log.push(`${name} left`),
    onCancelled: () => void output.log.push(`${name} cancelled`),
  });
  return { output, turns, open: (name: string) => turns.open({}, listener(name)) };
}

const bytes = (text: string) => Buffer.from(text);

describe("messages behind one in fragments", () => {
  test("follow its end in their order, up to the next in fragments", () => {
    const { output, turns, open } = setUp();
    const one = open("one");
    turns.wait(3, () => void output.log.push("two"));
    const three = open("three");
    turns.wait(4, () => void output.log.push("four"));
    expect([turns.isOpen, turns.waitingBytes]).toEqual([true, 3 + 4 + 128]);
    one.write(Opcode.Text, bytes("a"), false);
    one.write(Opcode.Text, bytes("b"), true);
    three.write(Opcode.Binary, bytes(""), true);
    expect(output.log).toEqual(["one room", "1 a", "80 b", "two", "three room", "three room", "82 ", "four"]);
    expect([turns.isOpen, turns.waitingBytes, turns.hasWaiting]).toEqual([false, 0, false]);
  });

  test("go on at once if it is withdrawn before it has begun", () => {
    const { output, turns, open } = setUp();
    const one = open("one");
    const two = open("two");
    turns.wait(3, () => void output.log.push("three"));
    two.withdraw();
    one.withdraw();
    expect(output.log).toEqual(["one room", "taken back", "three", "taken back"]);
    one.write(Opcode.Text, bytes("late"), true);
    expect(output.log.length).toBe(4);
  });

  test("are dropped with it when nothing can be sent any more", () => {
    const { output, turns, open } = setUp();
    open("one").write(Opcode.Text, bytes("a"), false);
    turns.wait(3, () => void output.log.push("two"));
    open("three");
    turns.cancel();
    expect(output.log).toEqual(["one room", "1 a", "one cancelled", "three cancelled"]);
    expect(turns.waitingBytes).toBe(0);
  });
});

test("a writer learns that its last byte has left, and is cancelled if it never does", () => {
  const { output, turns, open } = setUp();
  open("one").write(Opcode.Text, bytes("abc"), true);
  open("two").write(Opcode.Text, bytes("def"), true);
  output.left = 3;
  turns.onProgress();
  turns.discard();
  expect(output.log.slice(-2)).toEqual(["one left", "two cancelled"]);
});

test("a writer learns of room when some has left", () => {
  const { output, turns, open } = setUp();
  const one = open("one");
  output.hasRoom = false;
  one.write(Opcode.Text, bytes("abc"), false);
  turns.onProgress();
  expect([one.hasRoom, output.log]).toEqual([false, ["one room", "1 abc"]]);
  output.hasRoom = true;
  turns.onProgress();
  expect(output.log.at(-1)).toBe("one room");
});
