import { parse } from "yaml";
import { z } from "zod";
import { certificatesIn, checkCertificate, type CertificateFindings, type Material } from "./certificates";
import type { Problem } from "./errors";

const named = <T extends z.ZodRawShape>(name: string, shape: T) =>
  z.array(z.looseObject({ name: z.string(), [name]: z.looseObject(shape) }));

const text = z.string().optional();

/** As much of a kubeconfig as a node depends on. */
const schema = z.looseObject({
  "current-context": z.string().min(1),
  contexts: named("context", { cluster: z.string(), user: z.string() }),
  clusters: named("cluster", { server: z.string(), "certificate-authority": text }),
  users: named("user", {
    "client-certificate-data": text,
    "client-key-data": text,
    "client-certificate": text,
    "client-key": text,
    token: text,
    tokenFile: text,
    exec: z.unknown().optional(),
  }),
});

type User = Readonly<Record<string, unknown>>;

/** What a kubeconfig was found to be. */
export interface KubeconfigFindings extends CertificateFindings {
  /** The subject's common name in its client certificate, where it has one. */
  readonly commonName?: string;
}

/** Checks what can be known of a kubeconfig before it is on a node: whole, and with credentials that hold. */
export function checkKubeconfig(given: Material, now: Date): KubeconfigFindings {
  const fault = (allowed: string, remedy: string): KubeconfigFindings => ({
    problems: [{ path: given.path, value: given.shown, allowed, remedy }],
    warnings: [],
  });
  const config = schema.safeParse(read(given.text));
  if (!config.success)
    return fault(
      `is no kubeconfig: ${config.error.issues[0]?.path.join(".") || "the text"} is missing or wrong`,
      "make it with `kubectl config --kubeconfig=<file> set-cluster …, set-credentials …, set-context …, use-context …`",
    );
  const { "current-context": current, contexts, clusters, users } = config.data;
  const context = contexts.find(({ name }) => name === current)?.["context"] as
    Record<string, string> | undefined;
  const cluster = clusters.find(({ name }) => name === context?.["cluster"])?.["cluster"] as User | undefined;
  const user = users.find(({ name }) => name === context?.["user"])?.["user"] as User | undefined;
  if (context === undefined || cluster === undefined || user === undefined)
    return fault(
      `names ${context === undefined ? "a context" : cluster === undefined ? "a cluster" : "a user"} that is not in it`,
      "correct its current-context",
    );
  const foreign = foreignFile(cluster, user);
  if (foreign !== undefined)
    return fault(
      `names the file ${foreign}, which is not on the node`,
      "make it with --embed-certs=true, or name an absolute path of the node",
    );
  return credentials(given, user, now, fault);
}

function read(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

const foreignFile = (cluster: User, user: User): string | undefined =>
  [cluster["certificate-authority"], user["client-certificate"], user["client-key"], user["tokenFile"]]
    .filter((path) => typeof path === "string")
    .find((path) => !path.startsWith("/"));

function credentials(
  given: Material,
  user: User,
  now: Date,
  fault: (allowed: string, remedy: string) => KubeconfigFindings,
): KubeconfigFindings {
  const [certificate, key] = [decoded(user["client-certificate-data"]), decoded(user["client-key-data"])];
  if (certificate === undefined)
    return ["token", "tokenFile", "exec", "client-certificate"].some((name) => user[name] !== undefined)
      ? { problems: [], warnings: [] }
      : fault("has no credentials for its user", "add a client certificate with its key, or a token");
  const part = (text: string): Material => ({ ...given, text });
  const findings = checkCertificate(
    part(certificate),
    key === undefined ? undefined : part(key),
    undefined,
    now,
  );
  const problems = findings.problems.map((one): Problem => ({
    ...one,
    allowed: `${inside(one)}${one.allowed}`,
  }));
  const commonName = certificatesIn(certificate)?.[0]?.subject.match(/^CN=(.*)$/m)?.[1];
  return { ...findings, problems, ...(commonName === undefined ? {} : { commonName }) };
}

const inside = ({ allowed }: Problem): string =>
  allowed.startsWith("(") ? "holds a client certificate that " : "holds a client key that ";

const decoded = (value: unknown): string | undefined =>
  typeof value === "string" ? Buffer.from(value, "base64").toString("utf8") : undefined;
