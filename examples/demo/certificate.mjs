// A certificate for this machine. It is kept in memory only, so it is gone when the process ends.

export class CertificateToolMissing extends Error {
  constructor(cause) {
    super("--tls makes its certificate with the package selfsigned, which is not installed; run: npm install", {
      cause,
    });
  }
}

/** A self-signed certificate for localhost, 127.0.0.1 and ::1 (and for `host`, if it is another name). */
export async function makeCertificate(host = "localhost") {
  const { generate } = await import("selfsigned").catch((cause) => {
    throw cause.code === "ERR_MODULE_NOT_FOUND" ? new CertificateToolMissing(cause) : cause;
  });
  const names = new Set(["localhost", ...(/^[a-z][a-z0-9.-]*$/i.test(host) ? [host] : [])]);
  const { private: key, cert } = await generate([{ name: "commonName", value: "Tautline demo" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...Array.from(names, (value) => ({ type: 2, value })),
          { type: 7, ip: "127.0.0.1" },
          { type: 7, ip: "::1" },
        ],
      },
    ],
  });
  return { key, cert };
}
