import { generate } from "selfsigned";

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** The faults that a certificate can have. */
export interface CertificateFlaws {
  /** Days from now on; the certificate ends a day later. */
  readonly validFrom?: number;
  /** A name instead of localhost and its addresses. */
  readonly name?: string;
}

const DAY = 86_400_000;

const LOCAL_NAMES = [
  { type: 2, value: "localhost" },
  { type: 7, ip: "127.0.0.1" },
  { type: 7, ip: "::1" },
] as const;

let made: Promise<Certificate> | undefined;

/** A certificate for localhost, 127.0.0.1 and ::1 that is its own authority: pass `cert` as the client's `ca`. */
export function makeCertificate(): Promise<Certificate> {
  made ??= makeFlawedCertificate({});
  return made;
}

/** A new certificate with faults. */
export async function makeFlawedCertificate({ validFrom, name }: CertificateFlaws): Promise<Certificate> {
  // A minute earlier, for browsers and containers whose clocks differ a little.
  const from = Date.now() + (validFrom === undefined ? -60_000 : validFrom * DAY);
  const { private: key, cert } = await generate([{ name: "commonName", value: name ?? "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(from),
    ...(validFrom === undefined ? {} : { notAfterDate: new Date(from + DAY) }),
    extensions: [
      { name: "basicConstraints", cA: true, critical: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: name === undefined ? [...LOCAL_NAMES] : [{ type: 2, value: name }] },
    ],
  });
  return { key, cert };
}
