import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { must } from "../../offline/process";

/** A certificate and its private key, as files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate says of its owner. */
export interface Subject {
  /** CN: the name of the user, for Kubernetes. */
  readonly name: string;
  /** O: a group, for Kubernetes. */
  readonly organization?: string;
  /** Names and addresses that a server is reached by, in OpenSSL's form: `DNS:node-0`, `IP:10.0.2.2`. */
  readonly reachedBy?: readonly string[];
}

/** A certificate authority of its own, below one folder. */
export class Authority {
  private constructor(
    private readonly folder: string,
    readonly self: Certificate,
  ) {}

  /** Makes the authority's key and certificate. */
  static async create(folder: string, name: string): Promise<Authority> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const self = files(folder, "ca");
    await request(self, { name }, ["-addext", "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"]);
    return new Authority(folder, self);
  }

  /** Makes a key and a certificate for it, for clients and servers, named `file` in the authority's folder. */
  async issue(file: string, subject: Subject): Promise<Certificate> {
    const made = files(this.folder, file);
    const { reachedBy = [] } = subject;
    await request(made, subject, [
      ...["-CA", this.self.certificate, "-CAkey", this.self.key],
      ...["-addext", "basicConstraints=critical,CA:FALSE"],
      ...["-addext", "keyUsage=critical,digitalSignature"],
      ...["-addext", "extendedKeyUsage=clientAuth,serverAuth"],
      ...(reachedBy.length > 0 ? ["-addext", `subjectAltName=${reachedBy.join(",")}`] : []),
    ]);
    return made;
  }
}

const files = (folder: string, name: string): Certificate => ({
  certificate: join(folder, `${name}.crt`),
  key: join(folder, `${name}.key`),
});

/** `openssl req -x509` makes a signed certificate and its key at once. The key is for the owner's eyes only. */
async function request(made: Certificate, subject: Subject, more: readonly string[]): Promise<void> {
  const { name, organization } = subject;
  const words = [...(organization === undefined ? [] : [`/O=${organization}`]), `/CN=${name}`];
  await must("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "365"],
    ...["-subj", words.join(""), "-keyout", made.key, "-out", made.certificate, ...more],
  ]);
}
