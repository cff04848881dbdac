import type { Sandbox } from "./sandbox";

const setup = `
mkdir -p /run/m/sys "/lib/modules/$(uname -r)"
echo 'theirs 4096 0 - Live 0x0' >/run/m/list
sed -i s,/proc/modules,/run/m/list,g /run/toolkit-under-test.sh
mount --bind /run/m/sys /sys/module
cat >/usr/local/sbin/load; cp /usr/local/sbin/load /usr/local/sbin/rmmod
printf '#!/bin/sh\\n[ ! -e /run/m/fails ] || exit 1\\nload br-netfilter\\n[ ! -e /run/m/cut ] || kill -9 $PPID\\n' >/usr/local/sbin/modprobe
chmod 0755 /usr/local/sbin/*`;
const kernel = `#!/bin/sh
case \${0##*/}:$1 in
  load:br-netfilter) set -- br_netfilter bridge stp llc ;;
  load:*) ;;
  rmmod:*)
    grep -q "^$1 .* - " /run/m/list || exit 1
    grep -v "^$1 " /run/m/list | sed "s/\\([ ,]\\)$1,/\\1/; s/  Live/ - Live/" >/run/m/new
    cat /run/m/new >/run/m/list; rmdir "/run/m/sys/$1"; exit ;;
esac
for m in "$@"; do
  ! grep -q "^$m " /run/m/list || continue
  case $m in bridge) by=br_netfilter, ;; stp) by=bridge, ;; llc) by=bridge,stp, ;; *) by=- ;; esac
  echo "$m 4096 0 $by Live 0x0" >>/run/m/list; mkdir "/run/m/sys/$m"
done
`;

/**
 * Stand-ins for the kernel's list and for those who change it: no test may load a module into this machine (whose
 * kernel may know no modules at all). br_netfilter needs bridge, which needs stp and llc, as in any kernel.
 */
export const standInForKernel = (sandbox: Sandbox): Promise<string> => sandbox.sh(setup, kernel);
