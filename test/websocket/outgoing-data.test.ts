import { Blob as NodeBlob } from "node:buffer";
import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { byteLengthOf, outgoingData } from "../../src/websocket/outgoing-data.ts";

const bytes = (value: unknown) => [...(outgoingData(value) as Uint8Array)];

describe("WHATWG WebSockets, send(): its argument", () => {
  it("is text for a string, with U+FFFD for lone surrogates", () => {
    expect(outgoingData("a\ud800\u{1f600}")).toBe("a\ufffd\u{1f600}");
  });

  it("is the bytes of an ArrayBuffer, or of the part that a view shows", () => {
    const { buffer } = new Uint8Array([1, 2, 3, 4]);
    expect(bytes(buffer)).toEqual([1, 2, 3, 4]);
    expect(bytes(new Uint8Array(buffer, 1, 2))).toEqual([2, 3]);
    expect(bytes(new DataView(buffer, 3))).toEqual([4]);
    expect(bytes(new Uint16Array(buffer, 2, 1))).toEqual([3, 4]);
    expect(bytes(Buffer.from("ab"))).toEqual([97, 98]);
    expect(bytes(runInNewContext("new Uint8Array([5]).buffer"))).toEqual([5]);
  });

  it("is empty for memory that was transferred", () => {
    const view = new Uint8Array(8);
    const dataView = new DataView(view.buffer, 1);
    structuredClone(view.buffer, { transfer: [view.buffer] });
    expect(bytes(view)).toEqual([]);
    expect(bytes(dataView)).toEqual([]);
    expect(bytes(view.buffer)).toEqual([]);
  });

  it("is the Blob itself", () => {
    const blob = new Blob(["x"]);
    expect(outgoingData(blob)).toBe(blob);
  });

  it("is the Blob itself if it is node's own, also if a test environment has replaced the global class", () => {
    const blob = new NodeBlob(["x"]);
    onTestFinished(() => void vi.unstubAllGlobals());
    vi.stubGlobal("Blob", class Blob {});
    expect(outgoingData(blob)).toBe(blob);
  });

  it("is text for anything else, also for a SharedArrayBuffer, which is no BufferSource in Web IDL", () => {
    const values = [null, undefined, 5, { toString: () => "own" }, ["a", "b"], new SharedArrayBuffer(2)];
    expect(values.map(outgoingData)).toEqual(["null", "undefined", "5", "own", "a,b", "[object SharedArrayBuffer]"]);
  });

  it("throws a TypeError for a view of shared memory, for resizable memory, and for a Symbol", () => {
    const resizable = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]) as ArrayBuffer;
    const wrong = [new Uint8Array(new SharedArrayBuffer(2)), resizable, new DataView(resizable), Symbol("s")];
    for (const value of wrong) expect(() => outgoingData(value)).toThrow(TypeError);
  });

  it("is counted in bytes of UTF-8, or of the data", () => {
    expect(["hé", new Uint8Array(3), new Blob(["four"])].map(byteLengthOf)).toEqual([3, 3, 4]);
  });
});
