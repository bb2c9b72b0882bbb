import { expect, test } from "vitest";
import { CloseCode } from "../../src/framing/close-code.ts";
import { isCloseCode } from "../../src/framing/close-payload.ts";

test("RFC 6455 section 7.4.1: the codes with names are 1000 to 1015 without the reserved 1004, each once", () => {
  const all = Array.from({ length: 16 }, (_, index) => 1000 + index).filter((code) => code !== 1004);
  expect(Object.values(CloseCode)).toEqual(all);
});

test("RFC 6455 section 7.4.1: only NoStatus, AbnormalClosure and TlsHandshake cannot be sent", () => {
  const names = Object.entries(CloseCode).filter(([, code]) => !isCloseCode(code));
  expect(names.map(([name]) => name)).toEqual(["NoStatus", "AbnormalClosure", "TlsHandshake"]);
});
