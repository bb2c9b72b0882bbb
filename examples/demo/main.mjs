// The demo of `npm start`: a page that opens a WebSocket and shows every frame that passes on the wire.
//
//   node examples/demo/main.mjs [--port 4000] [--host localhost] [--tls]

import { parseArgs } from "node:util";
import { CertificateToolMissing } from "./certificate.mjs";
import { startDemo } from "./server.mjs";

const USAGE = `Usage: npm start -- [options]

  --port N   listen on this port (default 4000; 0 takes any free one)
  --host H   listen on this host (default localhost: 127.0.0.1 and ::1)
  --tls      serve https and wss, with a certificate that is generated now
  --help     show this`;

/** Reads the command line. @throws Error with a message of one line */
function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string", default: "4000" },
      host: { type: "string", default: "localhost" },
      tls: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65535) {
    throw new Error(`--port takes a number from 0 to 65535, not "${values.port}"`);
  }
  if (values.host === "") throw new Error("--host takes a name or an address, not an empty string");
  return { port, host: values.host, tls: values.tls, help: values.help };
}

function fail(message, exitCode) {
  console.error(`tautline demo: ${message}`);
  process.exit(exitCode);
}

/** Returns the message for a failure to start. */
function explain(error, { port, host }) {
  if (error instanceof CertificateToolMissing) return error.message;
  switch (error.code) {
    case "EADDRINUSE":
      return `port ${port} is in use (EADDRINUSE); choose another with --port`;
    case "EACCES":
      return `this process may not listen on port ${port} (EACCES); choose another with --port`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `cannot listen on host "${host}" (${error.code})`;
    default:
      return `cannot start: ${error.message}`;
  }
}

let options;
try {
  options = readOptions();
} catch (error) {
  fail(error.message.split(/\. (?=To|This)|\n/)[0], 2);
}

if (options.help) {
  console.log(USAGE);
} else {
  try {
    const demo = await startDemo(options);
    // Before the line with the address: a program that waits for this line may stop the demo from then on.
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.once(signal, () => demo.close().then(() => process.exit(0)));
    }
    console.log(`Tautline demo: ${demo.url}`);
    if (options.tls) {
      console.log("The certificate is self-signed, so your browser will show a warning that you can skip.");
    }
  } catch (error) {
    fail(explain(error, options), 1);
  }
}
