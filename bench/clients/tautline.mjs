import { connect } from "tautline";
import { options, payload, report, url } from "./report.mjs";

for (let index = 0; index < options.connections; index++) {
  const connection = await connect(url, { perMessageDeflate: false, concurrent: true });
  connection.on("message", () => connection.send(payload));
  for (let count = 0; count < options.inFlight; count++) connection.send(payload);
}
report();
