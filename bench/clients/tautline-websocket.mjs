import { WebSocket } from "tautline";
import { runClient } from "./web-socket.mjs";

await runClient(WebSocket);
