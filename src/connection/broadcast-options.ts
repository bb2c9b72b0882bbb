import { invalidOption, type OptionsForm, type Rule, readOptions, rejectFurther } from "../arguments/index.ts";
import { Connection } from "./connection.ts";

/** Which connections a broadcast leaves out. */
export interface BroadcastOptions {
  /** One connection, such as the one from which the message came, or any number of them. */
  readonly except?: Connection<unknown> | Iterable<Connection<unknown>> | undefined;
}

type Connections = ReadonlySet<Connection<unknown>>;

const ACCEPTED = "a connection, or any number of them in a list or a Set";

const connections: Rule<Connections> = (value, name) => {
  if (value instanceof Connection) return new Set([value]);
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value)) {
    throw invalidOption(name, ACCEPTED, value);
  }
  const all: ReadonlySet<unknown> = value instanceof Set ? value : new Set(value as Iterable<unknown>);
  for (const each of all) {
    if (!(each instanceof Connection)) throw invalidOption(`each of ${name}`, "a connection", each);
  }
  return all as Connections;
};

const NO_CALLBACK = "it takes no callback, since it returns at once";

const FORM = {
  owner: "server.broadcast()",
  rules: { except: connections } as const satisfies Record<keyof BroadcastOptions, Rule>,
  elsewhere: new Map([
    ["compress", "use prepare(data, { compress })"],
    ["binary", "a string is sent as text, bytes are sent as binary"],
  ]),
  instead: (given: unknown) => {
    const isExcept = given instanceof Connection || Array.isArray(given) || given instanceof Set;
    if (isExcept) return "use { except }";
    return typeof given === "function" ? NO_CALLBACK : undefined;
  },
} satisfies OptionsForm<Record<string, Rule>>;

/** @throws TypeError for anything but options, for anything but connections, and for a callback */
export function exceptedFrom(options: BroadcastOptions, further: readonly unknown[]): Connections | undefined {
  rejectFurther(further, `server.broadcast() takes a message and options: ${NO_CALLBACK}`);
  return readOptions(options, FORM).except;
}
