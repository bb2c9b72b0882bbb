import { expect, test } from "vitest";
import { ConnectFailures } from "../../src/handshake/connect-failures.ts";
import { isRefusal, judgeRequest } from "../../src/handshake/index.ts";
import { RefusalError } from "../../src/handshake/refusal-error.ts";
import { Refusals } from "../../src/handshake/refusals.ts";
import { request, response } from "../support/heads.ts";

test("every row of the table is a refusal, and so is an error made from one", () => {
  for (const row of Object.values(Refusals)) expect(isRefusal(row)).toBe(true);
  expect(isRefusal(new RefusalError(Refusals.NOT_AUTHENTICATED))).toBe(true);
});

test("heads, acceptances, the client's failures and what is no object are none", () => {
  const others = [
    request(),
    response(),
    judgeRequest(request(), {}),
    ConnectFailures.CUT_OFF,
    null,
    undefined,
    "x",
    400,
  ];
  for (const other of others) expect(isRefusal(other)).toBe(false);
});
