import { quote } from "../../../plan/quote";
import type { Requirement } from "../../../plan/requirement";

/** Makes a file of sysctls. */
export const sysctlFile = (key: string, value: string, path: string): string =>
  `mkdir -p ${quote(path.replace(/\/[^/]*$/, ""))}; echo ${quote(`${key} = ${value}`)} > ${quote(path)}`;

/** A value that the requirement does not accept, and the kernel does. */
export const otherValue = ({ value }: Requirement): string =>
  value.startsWith(">=") ? "100" : value === "= 0" ? "1" : "0";

/** Takes a rule away as people do, from the running or from the permanent side. */
export function removeRule(key: string, side: string): string {
  const [zone = "", type = "", ...rest] = key.split("/");
  const command = `firewall-cmd -q ${side} --zone=${quote(zone)}`;
  const remove = `${command} --remove-${type}=${quote(rest.join("/"))}`;
  // firewalld opens SSH as a service. The connection that the test uses is from before, and stays.
  return key.endsWith("/port/22/tcp") ? `${remove}; ${command} --remove-service=ssh` : remove;
}

/** Starts a runtime with another cgroup driver, by the runtime's name. */
export const otherDriver: Readonly<Record<string, string>> = {
  containerd:
    "sed -i 's/SystemdCgroup = true/SystemdCgroup = false/' /etc/containerd/config.toml; systemctl restart containerd",
  // What is written to a file that is merged would become part of it: here it is as before once Docker has read it, and
  // later than in the seconds for which nobody can tell.
  docker: `
    sed -i s/cgroupdriver=systemd/cgroupdriver=cgroupfs/ /etc/docker/daemon.json; systemctl restart docker
    sleep 3; sed -i s/cgroupdriver=cgroupfs/cgroupdriver=systemd/ /etc/docker/daemon.json`,
};
