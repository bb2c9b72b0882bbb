import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlobOrder } from "../../src/websocket/blob-order.ts";
import { RUNS } from "../support/runs.ts";

interface Order {
  readonly order: BlobOrder;
  readonly log: unknown[];
}

function newOrder(): Order {
  const log: unknown[] = [];
  const order = new BlobOrder({
    sendText: (text) => log.push(text),
    sendBytes: (bytes) => log.push([...bytes]),
    onUnreadable: (error) => log.push(error),
  });
  return { order, log };
}

/** Resolves once everything that was put in before has had its turn. */
const itsTurn = (order: BlobOrder) => new Promise<void>((resolve) => order.put(resolve));

/** A Blob that cannot be read, as one of a file that has changed. */
function unreadable(error: Error): Blob {
  const blob = new Blob(["x"]);
  blob.arrayBuffer = () => Promise.reject(error);
  return blob;
}

describe("the order of Blobs and other messages", () => {
  it("keeps what is sent after a Blob behind it, and steps among them", async () => {
    const { order, log } = newOrder();
    order.put(new Blob(["ab"]));
    order.put("text");
    order.put(new Uint8Array([1, 2]));
    order.put(() => log.push("step"));
    order.put(new Blob([]));
    expect([order.isIdle, log]).toEqual([false, []]);
    await itsTurn(order);
    expect(log).toEqual([[97, 98], "text", [1, 2], "step", []]);
    expect(order.isIdle).toBe(true);
  });

  it("sends nothing behind a Blob that cannot be read, and reports the error once", async () => {
    const { order, log } = newOrder();
    const error = new Error("the file has changed");
    order.put(unreadable(error));
    order.put("never sent");
    await new Promise(setImmediate);
    order.put("neither");
    expect(log).toEqual([error]);
  });

  it("sends nothing after it was discarded, not even the Blob that is being read", async () => {
    const { order, log } = newOrder();
    const blob = new Blob(["x"]);
    const read = blob.arrayBuffer();
    blob.arrayBuffer = () => read;
    order.put(blob);
    order.put("text");
    order.discard();
    await read;
    await new Promise(setImmediate);
    expect(log).toEqual([]);
  });

  it("reports no error of a Blob after it was discarded", async () => {
    const { order, log } = newOrder();
    order.put(unreadable(new Error("nobody is to see this")));
    order.discard();
    await new Promise(setImmediate);
    expect(log).toEqual([]);
  });

  it("is that of the calls, for any mix", async () => {
    const item = fc.oneof(fc.string({ maxLength: 3 }), fc.uint8Array({ maxLength: 3 }), fc.constant("blob" as const));
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (items) => {
        const { order, log } = newOrder();
        items.forEach((each, index) => {
          order.put(each === "blob" ? new Blob([String(index)]) : each);
        });
        await itsTurn(order);
        expect(log).toEqual(
          items.map((each, index) => {
            if (each === "blob") return [...Buffer.from(String(index))];
            return typeof each === "string" ? each : [...each];
          }),
        );
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });
});
