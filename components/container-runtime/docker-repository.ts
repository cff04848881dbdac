import type { Facts } from "../../plan/facts";
import type { PackageSource } from "../../plan/repository";

/** Docker has a repository for each distribution; those that are rebuilt from RHEL take CentOS's. */
export function dockerRepository({ osId, packageManager }: Facts): PackageSource {
  const base = "https://download.docker.com/linux";
  if (packageManager !== "dnf") return { url: `${base}/${osId}`, components: ["stable"] };
  const folder = ["fedora", "rhel"].includes(osId) ? osId : "centos";
  return { url: `${base}/${folder}/$releasever/$basearch/stable` };
}
