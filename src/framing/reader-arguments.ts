/** Checks of the arguments of parsers and assemblers: a wrong one could disable a rule without any sign of it. */
import { invalidArgument, wholeNumber } from "../arguments/index.ts";
import { RSV_BITS } from "./opcode.ts";

const OF_FRAMES = ["onDataFrame", "onPayload", "onMessageEnd", "onControlFrame", "onChunkEnd"];
const OF_MESSAGES = ["onMessage", "onEncodedMessage", "onControlFrame"];
const someBytes = wholeNumber(1, Number.MAX_SAFE_INTEGER, "ARGUMENT_INVALID");

/** @throws TypeError naming the invalid argument of a parser */
export function checkParserParts(role: string, listener: object, allowedRsv: number): void {
  if (role !== "server" && role !== "client") throw invalidArgument("role", '"server" or "client"', role);
  checkListener(listener, OF_FRAMES);
  if ((allowedRsv & RSV_BITS) !== allowedRsv)
    throw invalidArgument("allowedRsv", "some of the bits of 0x70", allowedRsv);
}

/** @throws TypeError or RangeError naming the invalid argument of an assembler */
export function checkAssemblerParts(listener: object, maxPayload: number): void {
  checkListener(listener, OF_MESSAGES);
  someBytes(maxPayload, "maxPayload");
}

function checkListener(listener: object, methods: readonly string[]): void {
  const missing = methods.find((method) => typeof Reflect.get(Object(listener), method) !== "function");
  if (missing !== undefined) {
    throw invalidArgument(`listener.${missing}`, "a function", Reflect.get(Object(listener), missing));
  }
}
