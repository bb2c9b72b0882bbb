import { connect } from "tautline";
import { options, payload, report, url } from "./report.mjs";

/** Answers each message once its last piece has arrived. */
async function answer(connection) {
  for await (const message of connection.streams()) {
    for await (const _piece of message);
    connection.send(payload);
  }
}

for (let index = 0; index < options.connections; index++) {
  const connection = await connect(url, { perMessageDeflate: false, concurrent: true });
  // The loop throws when the bench ends the server.
  answer(connection).catch(() => {});
  for (let count = 0; count < options.inFlight; count++) connection.send(payload);
}
report();
