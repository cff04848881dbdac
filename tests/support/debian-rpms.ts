import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { once } from "../../lab/files";
import { must } from "../../offline/process";
import { cacheFolder } from "../../offline/paths";
import { quote } from "../../plan/quote";
import { withKey } from "./packages";
import { indexScript, rpmScript, type Rpm } from "./rpm-repository";
import { criDockerd } from "./stand-ins";

/*
 * Repositories of rpms for a machine that has Debian's dnf and calls itself Rocky Linux. What is in most of them is real:
 * Debian's firewalld, containerd, runc, Docker Engine, iptables and CNI plugins, with what they need, under the names that
 * they have for the RHEL family (see debian-rpms.sh). Stand-ins, which do nothing, are those here.
 */

/** Packages that the machine has without rpm's knowing, or can do without; and cri-dockerd, which holds its socket. */
const standIns: readonly Rpm[] = [
  { name: "bash", version: "99-1", spec: "Provides: /bin/sh" },
  { name: "nftables", version: "99-1" },
  { name: "container-selinux", version: "99-1" },
  { ...criDockerd, version: `${criDockerd.version}-1`, spec: "AutoReqProv: no" },
];

const repositories = { rocky: standIns, docker: [] } as const;
const recipe = join(__dirname, "debian-rpms.sh");

/** What a machine needs to take packages from one of them. */
export interface RpmRepository {
  /** Its folder below that of all of them. */
  readonly path: string;
  /** The key that it is signed with, in ASCII armor. */
  readonly key: string;
}

/** Signed repositories in a folder, each with a key of its own. */
export interface RpmRepositories {
  readonly folder: string;
  /** Every file of the repositories, relative to the folder. */
  readonly files: readonly string[];
  /** The distribution's, and Docker's. */
  readonly rocky: RpmRepository;
  readonly docker: RpmRepository;
}

/**
 * The repositories, from the cache; made in half a minute where they are not there.
 *
 * @param debs folder of Debian's packages that become rpms
 */
export async function debianRpms(debs: string): Promise<RpmRepositories> {
  const folder = join(cacheFolder(), "rpms", await cacheKey(debs));
  await once(folder, async (temporary) => {
    for (const [name, others] of Object.entries(repositories))
      await build(join(temporary, name), debs, name, others);
  });
  const one = async (name: keyof typeof repositories): Promise<RpmRepository> => ({
    path: `${name}/repository`,
    key: await readFile(join(folder, name, "key"), "utf8"),
  });
  const [rocky, docker] = await Promise.all([one("rocky"), one("docker")]);
  const files = (await readdir(folder, { recursive: true })).filter((path) =>
    /\/repository\/.*\.\w+$/.test(path),
  );
  return { folder, files, rocky, docker };
}

async function build(folder: string, debs: string, name: string, others: readonly Rpm[]): Promise<void> {
  await mkdir(join(folder, "repository"), { recursive: true });
  const rpms = `sh ${quote(recipe)} ${quote(debs)} ${name}\n${others.map(rpmScript).join("")}${indexScript}`;
  await must("sh", ["-euc", `${withKey(rpms)}rm -rf root build *.list *.spec *.log`], folder);
}

/** Changes with everything that they are made of. */
async function cacheKey(debs: string): Promise<string> {
  const names = (await readdir(debs)).sort();
  const hash = createHash("sha256").update(JSON.stringify([names, repositories, indexScript]));
  return hash
    .update(await readFile(recipe))
    .digest("hex")
    .slice(0, 16);
}
