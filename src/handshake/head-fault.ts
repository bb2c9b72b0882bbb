import { type ConnectFailure, ConnectFailures, type ResponseFailure } from "./connect-failures.ts";
import { quoted } from "./quoted.ts";
import { type Refusal, Refusals } from "./refusals.ts";

/** What can be wrong with a head, in either direction. */
export type HeadRule =
  | "lineEnd"
  | "byteInStartLine"
  | "byteInField"
  | "size"
  | "fieldCount"
  | "colon"
  | "fieldName"
  | "spaceBeforeColon"
  | "folding";

/** A rule that a head breaks. */
export interface HeadFault {
  readonly rule: HeadRule;
  /** The byte or line that breaks it, one character per byte; "" for the head as a whole. */
  readonly text: string;
}

/** How a server refuses a request with such a head. */
const REQUEST_RULES: Readonly<Record<HeadRule, Refusal>> = {
  lineEnd: Refusals.HEAD_BAD_BYTE,
  byteInStartLine: Refusals.HEAD_BAD_BYTE,
  byteInField: Refusals.HEAD_BAD_BYTE,
  size: Refusals.HEAD_TOO_LARGE,
  fieldCount: Refusals.HEAD_TOO_MANY_FIELDS,
  colon: Refusals.FIELD_NAME_INVALID,
  fieldName: Refusals.FIELD_NAME_INVALID,
  spaceBeforeColon: Refusals.FIELD_SPACE_BEFORE_COLON,
  folding: Refusals.FIELD_FOLDED,
};

/** Why a client fails on a response with such a head. A folded line is joined, unless it is the first. */
const RESPONSE_RULES: Readonly<Record<HeadRule, ConnectFailure>> = {
  lineEnd: ConnectFailures.LINE_END_INVALID,
  byteInStartLine: ConnectFailures.STATUS_LINE_BAD_BYTE,
  byteInField: ConnectFailures.FIELD_BAD_BYTE,
  size: ConnectFailures.RESPONSE_TOO_LARGE,
  fieldCount: ConnectFailures.RESPONSE_TOO_MANY_FIELDS,
  colon: ConnectFailures.FIELD_WITHOUT_COLON,
  fieldName: ConnectFailures.FIELD_NAME_INVALID,
  spaceBeforeColon: ConnectFailures.FIELD_SPACE_BEFORE_COLON,
  folding: ConnectFailures.SPACE_BEFORE_FIELDS,
};

export function responseFailure({ rule, text }: HeadFault): ResponseFailure {
  return { failure: RESPONSE_RULES[rule], detail: text === "" ? "" : quoted(text) };
}

export function requestRefusal({ rule }: HeadFault): Refusal {
  return REQUEST_RULES[rule];
}
