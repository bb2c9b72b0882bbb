import { expect, test } from "vitest";
import { isHandshakeField, isRefusalField } from "../../src/handshake/reserved-fields.ts";

test.each([
  ...["upgrade", "connection", "content-length", "transfer-encoding"],
  ...["sec-websocket-key", "sec-websocket-version", "sec-websocket-x"],
])("the field %s of a handshake is set by the library only", (name) => {
  expect(isHandshakeField(name)).toBe(true);
});

test.each(["host", "origin", "cookie", "sec-websocket", "sec-fetch-mode", "content-type"])(
  "the field %s of a handshake may be set by the application",
  (name) => {
    expect(isHandshakeField(name)).toBe(false);
  },
);

test.each(["connection", "content-type", "content-length", "transfer-encoding"])(
  "the field %s of a refusal is set by the library only",
  (name) => {
    expect(isRefusalField(name)).toBe(true);
  },
);

test.each(["location", "www-authenticate", "retry-after", "set-cookie", "upgrade", "sec-websocket-version"])(
  "the field %s of a refusal may be set by the application",
  (name) => {
    expect(isRefusalField(name)).toBe(false);
  },
);
