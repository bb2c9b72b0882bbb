// A program that runs in a page as well, with the types of lib.dom. It is never run: test/types.test.ts compiles it.
import { CloseEvent, MessageEvent, WebSocket, type WebSocketEventMap } from "tautline";

// The class stands in for the page's own.
globalThis.WebSocket = WebSocket;
const Class: typeof globalThis.WebSocket = WebSocket;
const page: globalThis.WebSocket = new Class("wss://example.com/chat", ["v1"]);
const socket = new WebSocket("/chat", { base: location.href, protocols: new Set(["v1"]), headers: { Cookie: "a=b" } });

const onMessage = (event: globalThis.MessageEvent<string>) => event.data.trim();
const onClose = ({ code, reason, wasClean }: globalThis.CloseEvent) => wasClean || `${code.toFixed()} ${reason.trim()}`;
function drive(each: globalThis.WebSocket): void {
  each.onmessage = onMessage;
  each.onclose = onClose;
  each.onerror = null;
  each.addEventListener("message", onMessage);
  each.addEventListener("close", onClose, { once: true });
  each.removeEventListener("close", onClose);
  each.binaryType = "arraybuffer";
  each.send(new Blob(["x"]));
  each.send(new Uint8Array(3));
  each.close(1000, "done");
}
drive(page);
drive(socket);
socket.addEventListener("message", onMessage);
socket.onmessage = onMessage;
socket.onerror = ({ error }) => error?.message.trim();
const fired: WebSocketEventMap["close"] = new CloseEvent("close", { code: 1000, wasClean: true });
const message: globalThis.MessageEvent = new MessageEvent("message", { data: fired.code });
message.data;
// @ts-expect-error: the states are numbers that nobody can change.
WebSocket.OPEN = 2;
