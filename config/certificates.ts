import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { formatPath, type Path, type Problem } from "./errors";

/** A text from the configuration or from a file that it names. */
export interface Material {
  readonly text: string;
  readonly path: Path;
  /** How it is shown: a file's name, or `[secret]`. */
  readonly shown: string;
}

/** What came of checking: mistakes, and what will be one soon. */
export interface CertificateFindings {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Days before the end of a certificate from which on a preview warns. */
const warnDays = 30;
const day = 86_400_000;

const problem = ({ path, shown }: Material, allowed: string, remedy: string): Problem => ({
  path,
  value: shown,
  allowed,
  remedy,
});

/** Two files put together without a line break between them: Kubernetes' programs read neither certificate. */
const isGlued = (text: string): boolean => text.includes("-----END CERTIFICATE----------BEGIN");

/** All certificates of a PEM text, in order; undefined where it holds none, or one that cannot be read. */
export function certificatesIn(text: string): readonly X509Certificate[] | undefined {
  if (isGlued(text)) return undefined;
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.length === 0 ? undefined : blocks.map((block) => new X509Certificate(block));
  } catch {
    return undefined;
  }
}

const noCertificate = (given: Material): Problem =>
  isGlued(given.text)
    ? problem(
        given,
        "has a certificate that begins on the last line of the one before it",
        "put a line break between them",
      )
    : problem(
        given,
        "holds no certificate in PEM that can be read",
        "name a file that begins with -----BEGIN CERTIFICATE-----",
      );

/** Who a certificate is for, on one line. */
const nameOf = ({ subject }: X509Certificate): string => subject.trim().replace(/\n/g, ", ");

/** Whether a certificate holds now. */
function validity(given: Material, certificate: X509Certificate, now: Date): CertificateFindings {
  const remedy = "have a new one signed";
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  const name = nameOf(certificate);
  if (to <= now)
    return { problems: [problem(given, `(${name}) expired on ${date(to)}`, remedy)], warnings: [] };
  if (from > now)
    return {
      problems: [
        problem(
          given,
          `(${name}) holds only from ${from.toISOString()} on`,
          "check this machine's clock, or wait",
        ),
      ],
      warnings: [],
    };
  const left = Math.floor((to.getTime() - now.getTime()) / day);
  if (left >= warnDays) return { problems: [], warnings: [] };
  return {
    problems: [],
    warnings: [
      `${formatPath(given.path)}: ${given.shown} (${name}) expires in ${left} days, on ${date(to)}; ${remedy}`,
    ],
  };
}

const date = (at: Date): string => at.toISOString().slice(0, 10);

/** A CA's text: certificates that hold. */
export function checkCa(ca: Material, now: Date): CertificateFindings {
  const certificates = certificatesIn(ca.text);
  if (certificates === undefined) return { problems: [noCertificate(ca)], warnings: [] };
  const all = certificates.map((certificate) => validity(ca, certificate, now));
  return { problems: all.flatMap((one) => one.problems), warnings: all.flatMap((one) => one.warnings) };
}

/** A certificate with its private key, and the CA that is to have signed it: each against each. */
export function checkCertificate(
  certificate: Material,
  privateKey: Material | undefined,
  ca: Material | undefined,
  now: Date,
): CertificateFindings {
  const chain = certificatesIn(certificate.text);
  const [leaf] = chain ?? [];
  if (chain === undefined || leaf === undefined)
    return { problems: [noCertificate(certificate)], warnings: [] };
  const { problems, warnings } = validity(certificate, leaf, now);
  return {
    problems: [
      ...problems,
      ...(privateKey === undefined ? [] : keyProblems(certificate, leaf, privateKey)),
      ...(ca === undefined ? [] : signatureProblems(certificate, chain, ca)),
    ],
    warnings,
  };
}

function keyProblems(certificate: Material, leaf: X509Certificate, privateKey: Material): readonly Problem[] {
  const key = readKey(privateKey.text);
  if (key === undefined)
    return [
      problem(
        privateKey,
        "holds no private key in PEM that can be read without a passphrase",
        "bring it into that form with `openssl pkey -in <file> -out <new file>`",
      ),
    ];
  if (leaf.checkPrivateKey(key)) return [];
  return [
    problem(
      privateKey,
      `is not the key of the certificate ${certificate.shown} (${nameOf(leaf)})`,
      "name the two files that were made together",
    ),
  ];
}

function readKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch {
    return undefined;
  }
}

function signatureProblems(
  certificate: Material,
  chain: readonly X509Certificate[],
  ca: Material,
): readonly Problem[] {
  const authorities = certificatesIn(ca.text);
  const [leaf, ...between] = chain;
  if (authorities === undefined || leaf === undefined || isSigned(leaf, between, authorities)) return [];
  return [
    problem(
      certificate,
      `(${nameOf(leaf)}) was not signed by the CA ${ca.shown} (${authorities.map(nameOf).join("; ")})`,
      "name the CA that signed it, or put both CAs into one file, one after the other",
    ),
  ];
}

/** Signed by one of the authorities, directly or through the certificates that come with it. */
function isSigned(
  certificate: X509Certificate,
  between: readonly X509Certificate[],
  authorities: readonly X509Certificate[],
): boolean {
  const signs = (signer: X509Certificate): boolean =>
    certificate.checkIssued(signer) && certificate.verify(signer.publicKey);
  if (authorities.some(signs)) return true;
  const next = between.findIndex(signs);
  const signer = between[next];
  return signer !== undefined && isSigned(signer, between.toSpliced(next, 1), authorities);
}
