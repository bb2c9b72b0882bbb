import type { HeadFault, RequestRule } from "../http/head-fault.ts";
import { type Refusal, Refusals } from "./refusals.ts";

const REFUSALS: Readonly<Record<RequestRule, Refusal>> = {
  lineEnd: Refusals.LINE_END_INVALID,
  startLine: Refusals.REQUEST_LINE_INVALID,
  startLineByte: Refusals.REQUEST_LINE_BAD_BYTE,
  startLineSize: Refusals.REQUEST_LINE_TOO_LONG,
  spaceBeforeFields: Refusals.SPACE_BEFORE_FIELDS,
  colon: Refusals.FIELD_WITHOUT_COLON,
  fieldName: Refusals.FIELD_NAME_INVALID,
  fieldNameByte: Refusals.FIELD_NAME_BAD_BYTE,
  fieldValueByte: Refusals.FIELD_VALUE_BAD_BYTE,
  spaceBeforeColon: Refusals.FIELD_SPACE_BEFORE_COLON,
  folding: Refusals.FIELD_FOLDED,
  fieldCount: Refusals.HEAD_TOO_MANY_FIELDS,
  headSize: Refusals.HEAD_TOO_LARGE,
};

/** How a server refuses a request whose head breaks a rule. */
export function refusalFor({ rule }: HeadFault<RequestRule>): Refusal {
  return REFUSALS[rule];
}
