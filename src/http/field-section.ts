import { isOws, trimOws } from "./field-list.ts";
import type { HeadFault, RequestRule } from "./head-fault.ts";
import { HeaderFields } from "./header-fields.ts";
import { isToken } from "./token.ts";

/** How to treat a field value that continues on a further line (obs-fold, RFC 9112 section 5.2). */
export type Folding = "reject" | "unfold";

interface Field {
  readonly name: string;
  readonly value: string;
}

/**
 * Parses the field lines of a head (RFC 9112 section 5).
 *
 * @param lines without the start line and without the empty line that ends the head
 * @param maxHeaders the largest number of fields
 */
export function parseFieldSection(
  lines: readonly string[],
  maxHeaders: number,
  folding: "unfold",
): HeaderFields | HeadFault;
export function parseFieldSection(
  lines: readonly string[],
  maxHeaders: number,
  folding: Folding,
): HeaderFields | HeadFault<RequestRule>;
export function parseFieldSection(
  lines: readonly string[],
  maxHeaders: number,
  folding: Folding,
): HeaderFields | HeadFault<RequestRule> {
  const raw: string[] = [];
  for (const line of lines) {
    if (isOws(line.charCodeAt(0))) {
      const value = raw.pop();
      if (value === undefined) return { rule: "spaceBeforeFields", text: line };
      if (folding === "reject") return { rule: "folding", text: line };
      raw.push(unfolded(value, trimOws(line)));
      continue;
    }
    if (raw.length === 2 * maxHeaders) return { rule: "fieldCount", text: "" };
    const field = parseFieldLine(line);
    if ("rule" in field) return field;
    raw.push(field.name, field.value);
  }
  return HeaderFields.fromRaw(raw);
}

/** field-line = field-name ":" OWS field-value OWS (RFC 9112 section 5). */
function parseFieldLine(line: string): Field | HeadFault {
  const colon = line.indexOf(":");
  if (colon < 0) return { rule: "colon", text: line };
  const name = line.slice(0, colon);
  if (isToken(name)) return { name, value: trimOws(line.slice(colon + 1)) };
  // "No whitespace is allowed between the field name and colon" (RFC 9112 section 5.1).
  const trimmed = trimOws(name);
  return { rule: trimmed !== name && isToken(trimmed) ? "spaceBeforeColon" : "fieldName", text: line };
}

/** Both parts are trimmed already. Trimming the joined value would read it again for each further line. */
function unfolded(value: string, line: string): string {
  return value === "" || line === "" ? value + line : `${value} ${line}`;
}
