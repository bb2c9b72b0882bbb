import { WebSocket } from "undici";
import { runClient } from "./web-socket.mjs";

await runClient(WebSocket);
