import type { TestMachine } from "./machine";

/** What a prepared worker answers to plain commands that anybody could type, and what each answer must hold. */
const checks: readonly (readonly [command: string, answer: RegExp])[] = [
  ["ls -d /sys/module/overlay /sys/module/br_netfilter | wc -l", /^2$/],
  [
    "sysctl -n net.ipv4.ip_forward net.bridge.bridge-nf-call-iptables net.bridge.bridge-nf-call-ip6tables | tr -d '\\n'",
    /^111$/,
  ],
  ["sysctl -n fs.inotify.max_user_instances", /^8192$/],
  ["cat /etc/modules-load.d/k8s.conf | tr '\\n' ' '", /overlay br_netfilter/],
  ["tail -n +2 /proc/swaps | wc -l", /^0$/],
  ["grep -cE '^[^#].*[[:space:]]swap[[:space:]]' /etc/fstab", /^0$/],
  ["systemctl is-active containerd firewalld | tr '\\n' ' '", /^active active $/],
  ["systemctl is-enabled containerd firewalld | tr '\\n' ' '", /^enabled enabled $/],
  // One answer for both zones: each firewall-cmd takes an emulated machine five seconds.
  [
    `firewall-cmd --list-all-zones | awk '/^[^ \t]/ { zone = $1 } zone == "public" && $1 == "ports:" || zone == "trusted" && $1 == "sources:"' | tr '\\n' ' '`,
    /ports: (.* )?10250\/tcp.*30000-32767\/tcp.*sources: (.* )?10\.200\.0\.0\/16/,
  ],
  ["firewall-cmd --permanent --zone=public --list-ports", /10250\/tcp.*30000-32767\/tcp/],
  ["containerd config dump | grep -m1 -o 'SystemdCgroup = true'", /true/],
  ["ctr version >/dev/null && echo answers", /answers/],
  ["passwd -S kube | cut -d' ' -f2", /^L$/],
  ["cat ~kube/.ssh/authorized_keys | wc -l", /^1$/],
];

/** What a prepared machine should answer and this one does not; empty when it is prepared. */
export async function prepared(machine: TestMachine): Promise<string[]> {
  const script = checks.map(([command]) => `echo "$(${command} 2>&1 | tail -n 1)"`).join("\n");
  const answers = (await machine.sh(script)).split("\n");
  return checks.flatMap(([command, wanted], index) => {
    const answer = answers[index] ?? "";
    return wanted.test(answer) ? [] : [`${command} answers ${JSON.stringify(answer)}, not ${String(wanted)}`];
  });
}
