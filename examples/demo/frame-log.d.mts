/** One frame as it passed on the wire. */
export interface FrameRecord {
  fin: boolean;
  /** RSV1, RSV2 and RSV3, as the bits 4, 2 and 1. */
  rsv: number;
  opcode: number;
  opcodeName: string;
  masked: boolean;
  /** The masking key in hexadecimal; undefined for a frame that is not masked. */
  maskKey: string | undefined;
  /** The payload's length as the header declares it. */
  length: number;
  /** The header's bytes in hexadecimal, masking key included. */
  rawHeader: string;
  /** The payload's first 16 bytes in hexadecimal, as they were on the wire: masked if the frame is masked. */
  rawPayload: string;
  /** The payload's beginning, unmasked. */
  payload: { form: "text" | "hex" | "close"; text: string; truncated: boolean };
}

export declare class FrameLog {
  constructor(onFrame: (frame: FrameRecord) => void);
  push(bytes: Uint8Array): void;
}
