/**
 * The entries of the package: which names they export, types included, that each has a docstring, and that each value
 * has an example that compiles and runs. A new entry needs a row in `entries` only.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ExampleFolder, examplesOf } from "./support/docstring-examples.ts";
import { publicNames } from "./support/public-names.ts";

const ROOT = join(import.meta.dirname, "..");

interface Entry {
  readonly specifier: string;
  /** What exists at run time: classes, functions and constants, sorted. */
  readonly values: readonly string[];
  /** What exists in types only: interfaces and types, sorted. */
  readonly types: readonly string[];
}

const entries: readonly Entry[] = [
  {
    specifier: "tautline",
    values: [
      "CloseEvent",
      "ConnectError",
      "Connection",
      "ConnectionError",
      "MessageEvent",
      "PreparedMessage",
      "RefusalError",
      "WebSocket",
      "WebSocketError",
      "WebSocketServer",
      "WebSocketStream",
      "connect",
      "createWebSocketStream",
      "prepare",
      "refuse",
    ],
    types: [
      "ArgumentErrorCode",
      "AttachOptions",
      "Authentication",
      "BinaryData",
      "BinaryStream",
      "BinaryType",
      "BroadcastOptions",
      "CloseDetails",
      "CloseEventInit",
      "CloseOptions",
      "ConnectErrorCode",
      "ConnectOptions",
      "ConnectionEvents",
      "ConnectionOptions",
      "Extension",
      "ExtensionOptions",
      "ExtraHeaders",
      "HandshakeOptions",
      "HeaderValue",
      "ListenOptions",
      "Message",
      "MessageEventInit",
      "MessageStream",
      "NoServerOptions",
      "OriginPolicy",
      "PerMessageDeflateOptions",
      "RefusingResponse",
      "ResponseHeaders",
      "SendOptions",
      "SendSource",
      "StreamOptions",
      "SubprotocolPolicy",
      "TextStream",
      "UpgradeRequest",
      "WaitOptions",
      "WebSocketCloseInfo",
      "WebSocketClosedInfo",
      "WebSocketDuplexOptions",
      "WebSocketErrorEvent",
      "WebSocketEventMap",
      "WebSocketOpenInfo",
      "WebSocketOptions",
      "WebSocketServerEvents",
      "WebSocketServerOptions",
      "WebSocketStreamOptions",
    ],
  },
  {
    specifier: "tautline/framing",
    values: [
      "ABNORMAL_CLOSURE",
      "CloseCode",
      "FIN_BIT",
      "FrameParser",
      "MAX_CLOSE_REASON",
      "MAX_CONTROL_PAYLOAD",
      "MessageAssembler",
      "NO_STATUS",
      "Opcode",
      "STRING_OR_BUFFER",
      "UTF8_ACCEPT",
      "UTF8_REJECT",
      "Violations",
      "checkHeader",
      "closeStatus",
      "decodeUtf8",
      "encodeClosePayload",
      "headerSize",
      "isCloseCode",
      "isControl",
      "maskInPlace",
      "nextMaskKey",
      "parseClosePayload",
      "rotateKey",
      "shortenedReason",
      "textFrameRoom",
      "validateUtf8",
      "writeFrame",
      "writeHeader",
      "writeTextFrame",
    ],
    types: [
      "CloseStatus",
      "ControlOpcode",
      "FrameListener",
      "MessageForm",
      "MessageListener",
      "MessageOpcode",
      "Role",
      "Violation",
    ],
  },
  {
    specifier: "tautline/extensions",
    values: [
      "answerOffers",
      "checkAnswer",
      "declareAgreed",
      "declareOffers",
      "deflateStatistics",
      "formatExtensionHeader",
      "limitDeflateContexts",
      "openPipeline",
      "parseExtensionHeader",
      "permessageDeflate",
    ],
    types: [
      "AgreedExtension",
      "DeflateLimits",
      "DeflateStatistics",
      "EncodedMessage",
      "Extension",
      "ExtensionDeclaration",
      "ExtensionParam",
      "MessageCodec",
      "MessagePipeline",
      "NegotiatedExtension",
      "PerMessageDeflateOptions",
      "PoolStatistics",
      "ReservedBit",
      "SendOptions",
      "SharedEncoder",
    ],
  },
  {
    specifier: "tautline/handshake",
    values: [
      "HeadReader",
      "HeaderFields",
      "RequestReader",
      "ResponseReader",
      "acceptKeyFor",
      "checkResponse",
      "chooseSubprotocol",
      "createKey",
      "formatAcceptance",
      "formatRefusal",
      "formatRequest",
      "isKey",
      "isOriginAllowed",
      "isRefusal",
      "judgeRequest",
      "parseRequestHead",
      "parseResponseHead",
      "parseSubprotocols",
      "parseWebSocketUrl",
      "resourcePath",
    ],
    types: [
      "AcceptanceParts",
      "AcceptedRequest",
      "CheckedResponse",
      "ConnectErrorCode",
      "ConnectFailure",
      "ExtraHeaders",
      "HeadLimits",
      "HeaderValue",
      "OriginPolicy",
      "Refusal",
      "RefusalParts",
      "RequestHead",
      "RequestParts",
      "RequestReading",
      "ResponseFailure",
      "ResponseHead",
      "ResponseHeaders",
      "ResponseReading",
      "SentOffer",
      "ServerPolicy",
      "SubprotocolPolicy",
    ],
  },
];

const manifest: { exports: Record<string, { types: string; default: string }> } = JSON.parse(
  readFileSync(join(ROOT, "package.json"), "utf8"),
);

/** The files of an entry, by the manifest: the built module, and the source that it was built from. */
function filesOf(specifier: string): { built: string; source: string } {
  const files = manifest.exports[specifier.replace("tautline", ".")];
  if (files === undefined) throw new Error(`package.json does not export ${specifier}`);
  const source = files.types.replace("./dist/", "src/").replace(/\.d\.ts$/, ".ts");
  return { built: join(ROOT, files.default), source: join(ROOT, source) };
}

describe.each(entries)("$specifier", ({ specifier, values, types }) => {
  const { built, source } = filesOf(specifier);
  const names = publicNames(source);

  test("exports exactly these values", async () => {
    expect(Object.keys(await import(pathToFileURL(built).href)).sort()).toEqual(values);
    expect(names.filter(({ isType }) => !isType).map(({ name }) => name)).toEqual(values);
  });

  test("exports exactly these types", () => {
    expect(names.filter(({ isType }) => isType).map(({ name }) => name)).toEqual(types);
  });

  test("has a docstring for each name", () => {
    expect(names.filter(({ docstring }) => docstring === null).map(({ name }) => name)).toEqual([]);
  });

  test("has an example for each value", () => {
    const withoutOne = names.filter((name) => !name.isType && examplesOf([name]).length === 0);
    expect(withoutOne.map(({ name }) => name)).toEqual([]);
  });
});

describe("the example of", () => {
  const examples = examplesOf(entries.flatMap(({ specifier }) => publicNames(filesOf(specifier).source)));
  let folder: ExampleFolder;
  let results: readonly (string | null)[];

  beforeAll(async () => {
    folder = new ExampleFolder(examples);
    results = await folder.run();
  });

  afterAll(() => folder.remove());

  test.each(examples.map(({ title }, index) => ({ title, index })))("$title runs without an error", ({ index }) => {
    expect(results[index]).toBeNull();
  });

  test("each name compiles in a strict program", async () => {
    expect(await folder.compile()).toBe("");
  });
});
