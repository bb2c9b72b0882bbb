import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UWEBSOCKETS } from "../harness/uwebsockets.mjs";
import { broadcastText, options, report } from "./report.mjs";

const { App, SSLApp, DEDICATED_COMPRESSOR, DEDICATED_DECOMPRESSOR, DISABLED, us_socket_local_port } = createRequire(
  import.meta.url,
)(UWEBSOCKETS);
const compress = options.compress === true;

/** An application over TLS takes its key and certificate from files only. */
function createSecureApp({ key, cert }) {
  const folder = mkdtempSync(join(tmpdir(), "tautline-bench-"));
  const write = (name, pem) => {
    writeFileSync(join(folder, name), pem, { mode: 0o600 });
    return join(folder, name);
  };
  const app = SSLApp({ key_file_name: write("key.pem", key), cert_file_name: write("cert.pem", cert) });
  rmSync(folder, { recursive: true });
  return app;
}

const app = options.tls ? createSecureApp(options.tls) : App();

function broadcast() {
  for (let count = 0; count < options.perTick; count++) app.publish("all", broadcastText, false, compress);
}

app.ws("/*", {
  compression: compress ? DEDICATED_COMPRESSOR | DEDICATED_DECOMPRESSOR : DISABLED,
  // The limits of the other peers: messages of 16 MiB, and no message is dropped.
  maxPayloadLength: 16 << 20,
  maxBackpressure: 64 << 20,
  open: (socket) => (options.perTick ? socket.subscribe("all") : undefined),
  message: options.perTick ? broadcast : (socket, data, isBinary) => void socket.send(data, isBinary, compress),
});
app.listen("127.0.0.1", 0, (listening) => report(us_socket_local_port(listening)));
