import { createHash } from "node:crypto";
import { hasSnapshot, resume, saveSnapshot } from "../../../lab/snapshot";
import { bareMachine, newMachine, orRemoved, type TestMachine } from "./machine";

/** sshd's port there. */
export const sshPort = 2222;

/** What somebody did to the machine before nodeprep came, by plain commands. */
const past = String.raw`
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -qy install --no-install-recommends firewalld containerd

systemctl enable -q --now firewalld
firewall-cmd -q --permanent --zone=public --add-port=${sshPort}/tcp --add-port=8443/tcp --add-port=31000/tcp
firewall-cmd -q --permanent --zone=work --add-source=192.0.2.0/24
firewall-cmd -q --permanent --zone=work --add-service=http
firewall-cmd -q --permanent --zone=public --add-rich-rule='rule family="ipv4" source address="198.51.100.77" drop'
firewall-cmd -q --permanent --new-policy=outbound
firewall-cmd -q --permanent --policy=outbound --add-ingress-zone=HOST
firewall-cmd -q --permanent --policy=outbound --add-egress-zone=ANY
firewall-cmd -q --permanent --policy=outbound --add-rich-rule='rule family="ipv4" destination address="203.0.113.0/24" reject type="icmp-host-prohibited"'
firewall-cmd -q --reload

mkdir -p /etc/containerd/certs.d/registry.example
echo 'server = "https://mirror.example"' >/etc/containerd/certs.d/registry.example/hosts.toml
{ echo '# Ours: asks the mirror first.'; containerd config default; } |
  sed '/registry"*\]$/,/config_path/ s|config_path = ""|config_path = "/etc/containerd/certs.d"|' >/etc/containerd/config.toml
grep -q 'config_path = "/etc/containerd/certs.d"' /etc/containerd/config.toml
systemctl restart containerd

printf 'Port 22\nPort ${sshPort}\n' >/etc/ssh/sshd_config.d/port.conf
systemctl restart ssh
`;

/** After this, sshd is to be reached through its new port alone. */
const moved = `echo 'Port ${sshPort}' >/etc/ssh/sshd_config.d/port.conf; systemctl restart ssh`;

/** A machine that is in use: firewalld and containerd run, with what their owner wants, and sshd on another port. */
export async function usedMachine(): Promise<TestMachine> {
  const machine = await newMachine("base", sshPort);
  const hash = createHash("sha256").update(past).digest("hex");
  const key = `used-${machine.image.key}-${hash.slice(0, 16)}`;
  if (!(await hasSnapshot(key))) await makeUsed(key);
  return orRemoved(machine, async () => {
    await resume(machine, key);
    await machine.sh(moved);
  });
}

/** sshd still listens on 22 in the snapshot, through which it is made. */
async function makeUsed(key: string): Promise<void> {
  const machine = await bareMachine();
  await orRemoved(machine, async () => {
    await machine.sh(past);
    await machine.sh("systemctl is-system-running --wait || [ $? -eq 1 ]");
    await saveSnapshot(machine, key);
  });
  await machine.stop();
}
