import type { HeadFault, HeadRule } from "../http/head-fault.ts";
import { quoted } from "../http/quoted.ts";
import { type ConnectFailure, ConnectFailures, type ResponseFailure } from "./connect-failures.ts";

const FAILURES: Readonly<Record<HeadRule, ConnectFailure>> = {
  lineEnd: ConnectFailures.LINE_END_INVALID,
  startLine: ConnectFailures.STATUS_LINE_INVALID,
  startLineByte: ConnectFailures.STATUS_LINE_BAD_BYTE,
  startLineSize: ConnectFailures.STATUS_LINE_TOO_LONG,
  spaceBeforeFields: ConnectFailures.SPACE_BEFORE_FIELDS,
  colon: ConnectFailures.FIELD_WITHOUT_COLON,
  fieldName: ConnectFailures.FIELD_NAME_INVALID,
  fieldNameByte: ConnectFailures.FIELD_NAME_BAD_BYTE,
  fieldValueByte: ConnectFailures.FIELD_VALUE_BAD_BYTE,
  spaceBeforeColon: ConnectFailures.FIELD_SPACE_BEFORE_COLON,
  fieldCount: ConnectFailures.RESPONSE_TOO_MANY_FIELDS,
  headSize: ConnectFailures.RESPONSE_TOO_LARGE,
};

/** Rules that no single line breaks. */
const LIMITS: ReadonlySet<HeadRule> = new Set(["startLineSize", "headSize", "fieldCount"]);

/** Why a client fails on a response whose head breaks a rule, with the offending line. */
export function failureFor({ rule, text }: HeadFault): ResponseFailure {
  return { failure: FAILURES[rule], detail: LIMITS.has(rule) ? "" : quoted(text) };
}
