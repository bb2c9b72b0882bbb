import { generate } from "selfsigned";
import { sampleEcho } from "./echo.mjs";

const CONNECTIONS = 50;
const SIZES = { "20 B": 20, "16 KiB": 16_384 };

const pems = await generate([{ name: "commonName", value: "localhost" }], { keyType: "ec" });
const SERVER_OPTIONS = { tls: { key: pems.private, cert: pems.cert } };

/** An echo over TLS. The peer `net` uses `tls` here. */
export const tlsEcho = {
  name: "tls-echo",
  title: `An echo over TLS, ${CONNECTIONS} connections, microseconds of server CPU per message`,
  unit: "µs",
  peers: ["tautline", "net", "ws", "uWebSockets.js", "bun", "deno"],
  cases: Object.entries(SIZES).flatMap(([name, size]) =>
    [1, 16].map((inFlight) => ({
      name: `${name}, ${inFlight} in flight`,
      size,
      inFlight,
      quick: size === 20 && inFlight === 16,
    })),
  ),
  sample: (peer, { size, inFlight }, effort) =>
    sampleEcho(peer, SERVER_OPTIONS, { connections: CONNECTIONS, tls: true, binary: true, size, inFlight }, effort),
};
