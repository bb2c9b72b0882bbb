import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { ConnectError } from "../../src/index.ts";

const rows = Object.values(ConnectFailures);

describe("ConnectError", () => {
  it("a ConnectError has the code, the section and one sentence of its row", () => {
    const error = new ConnectError(ConnectFailures.CUT_OFF, "the detail", { cause: "the cause" });
    expect(error).toMatchObject({ name: "ConnectError", code: "CUT_OFF", response: null, cause: "the cause" });
    expect(error.message).toBe(
      "the connection ended before the handshake was complete: the detail (RFC 6455 section 4.1)",
    );
  });

  it("a ConnectError is one line, whatever the detail has", () => {
    const { message } = new ConnectError(ConnectFailures.TLS_FAILED, "one\r\ntwo\u2028three\x1b[31m\x9b \n");
    expect(message).toBe("the TLS connection failed: one two three [31m (RFC 6455 section 4.1)");
  });
});

describe("each reason for which an attempt fails", () => {
  it("each reason for a failed attempt names a section of a standard, and has a message of its own", () => {
    for (const { section, message } of rows) {
      expect(section).toMatch(/^RFC (6455|9112) section \d+(\.\d+)*$/);
      expect(message).not.toMatch(/\.$|\n/);
    }
    expect(new Set(rows.map(({ message }) => message)).size).toBe(rows.length);
  });

  it("each code of a failed attempt is in docs/connect-errors.md, which has no others", () => {
    const page = readFileSync(new URL("../../docs/connect-errors.md", import.meta.url), "utf8");
    const documented = [...page.matchAll(/^\| `([A-Z0-9_]+)` \|/gm)].map(([, code]) => code);
    expect(documented.sort()).toEqual([...new Set(rows.map(({ code }) => code))].sort());
  });
});
