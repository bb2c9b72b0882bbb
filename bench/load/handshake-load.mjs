// Opens connections, and ends each one as soon as it is open.
import { BenchClient } from "./bench-client.mjs";
import { measure, options } from "./measuring.mjs";

const { port, atOnce, browser, closes } = options;

/** The fields that Chromium sends in addition to those of the handshake. */
const BROWSER_FIELDS =
  "Pragma: no-cache\r\nCache-Control: no-cache\r\n" +
  "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36\r\n" +
  `Origin: http://127.0.0.1:${port}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-US,en;q=0.9\r\n` +
  "Cookie: session=6ff5a9d6c0f34c1b8d0a3c6b1f6f5d5e; theme=dark\r\n";
const AS_BROWSER = { fields: BROWSER_FIELDS, extensions: "permessage-deflate; client_max_window_bits" };

let opened = 0;

async function keepOpening() {
  for (;;) {
    const client = await BenchClient.open({ port, ...(browser ? AS_BROWSER : {}) });
    if (closes) await client.close();
    else client.reset();
    opened++;
  }
}

for (let index = 0; index < atOnce; index++) keepOpening();
await measure(() => opened);
process.exit();
