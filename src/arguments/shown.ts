/** The longest text that an error quotes, in UTF-16 code units. */
const QUOTED_UNITS = 100;
const NAME = /^[\p{L}_$][\p{L}\p{N}_$]{0,50}$/u;

/** Formats a value for an error message: a string as in JSON, an object by the name of its class. It never throws. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > QUOTED_UNITS ? `${value.slice(0, QUOTED_UNITS)}...` : value);
    case "bigint":
      return `${value}n`;
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : shownObject(value);
    default:
      return String(value);
  }
}

function shownObject(value: object): string {
  if (Array.isArray(value)) return "an array";
  const name = classNameOf(value);
  if (name === "" || name === "Object") return "an object";
  // "a URL", "a Uint8Array".
  return `${/^[AEIO]/i.test(name) ? "an" : "a"} ${name} object`;
}

/** The name of an object's class; "" if it has none, or one that cannot be shown. */
function classNameOf(value: object): string {
  try {
    const { name } = value.constructor;
    return typeof name === "string" && NAME.test(name) ? name : "";
  } catch {
    return "";
  }
}
