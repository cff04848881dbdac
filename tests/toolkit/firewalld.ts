import {
  firewallDaemon,
  firewallPermanent,
  firewallRunning,
  interfaceOf,
  openPorts,
  parsePorts,
  sourceOf,
} from "../../plan/firewall-kinds";
import type { Sandbox } from "./sandbox";

const rules = [
  openPorts("public", parsePorts("22/tcp")),
  openPorts("public", parsePorts("10250/tcp")),
  interfaceOf("public", "cni0"),
  sourceOf("trusted", "10.200.0.0/16"),
];
/** What stage firewall states of them. */
export const running = [firewallDaemon(300), ...rules.map(firewallRunning)];
/** What stage firewall-confirm does. */
export const permanent = rules.map(firewallPermanent);

/*
 * Stands in for firewalld where there is neither D-Bus nor systemd: as much of both as the toolkit talks to, with the
 * answers that firewalld 1.3 gave on a Debian 12 machine. What runs is in /run/firewalld: `state` (there while it
 * runs), `running/ZONE` with an entry a line, `asked` with a line for each call, `refuses`, a method that fails, `old`, there
 * where it is firewalld 0.8, `target`, that of all zones, and `cut`, the number of the change after which whoever asks for it is killed with all that
 * it has begun.
 * `timers` has a file for each timer that is armed, `arms` the number of the timer that cannot be, and `unguarded` a line
 * for each time that the last one was stopped, or a running rule changed without one.
 */
const busctl = String.raw`#!/bin/sh
cd /run/firewalld || exit 1
[ "$3" = call ] || exit 1
path=$5 method=$7
shift 7
[ $# -eq 0 ] || shift
echo "$method $*" >>asked
fail() { echo "Call failed: $1" >&2; exit 1; }
[ -f state ] || fail 'The name org.fedoraproject.FirewallD1 was not provided by any .service files'
[ "$method" != "$(cat refuses 2>/dev/null)" ] || fail "INVALID_NAME: $method"
list() { printf '%s' "$(grep -c "^$1 " "$zone")"; sed -n "s/^$1 \(.*\)/\1/p" "$zone" | tr '\n' ' ' | sed 's/^/ /; s/ $//'; }
# setting NAME TYPE METHOD: nothing for a list that is empty
setting() { ! grep -q "^$3 " "$zone" || printf ' "%s" %s %s' "$1" "$2" "$(list "$3")"; }
# entry METHOD ARGUMENTS: as the lines of a zone have it, and as its file has it
entry() {
  kind=$(echo "$1" | sed 's/^add//; s/^remove//')
  case $kind in
    Port) line="Port \"$2\" \"$3\"" xml="<port port=\"$2\" protocol=\"$3\"/>" ;;
    Interface) line="Interface \"$2\"" xml="<interface name=\"$2\"/>" ;;
    Source) line="Source \"$2\"" xml="<source address=\"$2\"/>" ;;
    Service) line="Service \"$2\"" xml="<service name=\"$2\"/>" ;;
    *) fail "no $kind here" ;;
  esac
}
# has FILE LINE
has() { grep -qxF -e "$2" "$1"; }
without() { grep -vxF -e "$2" "$1" >new; cat new >"$1"; }
changed() {
  [ -f cut ] || return 0
  case $method in add* | remove* | loadDefaults) echo . >>changes ;; *) return 0 ;; esac
  [ "$(wc -l <changes)" != "$(cat cut)" ] || pkill -KILL -s "$(cut -d' ' -f6 /proc/$$/stat)"
}
trap changed EXIT
case $path:$method in
  *:Get) echo "v s \"$(cat state)\"" ;;
  *:getZoneSettings2)
    [ ! -f old ] || fail "Unknown method $method or interface"
    zone=running/$1
    [ -f "$zone" ] || fail "INVALID_ZONE: $1"
    printf 'a{sv} 6 "version" s "" "short" s "%s" "description" s "A \\"zone\\" of \\"ports\\" as 1 \\"ssh\\"" "target" s "%s"' "$1" "$(cat target 2>/dev/null || echo default)"
    printf ' "icmp_blocks" as 1 "ping" "source_ports" a(ss) 1 "53" "udp" "forward_ports" a(ssss) 1 "80" "tcp" "8080" ""'
    setting services as Service; setting ports 'a(ss)' Port; setting interfaces as Interface
    printf ' "icmp_block_inversion" b false "forward" b true "ingress_priority" i 0'
    setting sources as Source; echo
    ;;
  *:getZoneSettings)
    [ -f old ] || fail "from 0.9 on it has the file's lists for those that are empty"
    zone=running/$1
    [ -f "$zone" ] || fail "INVALID_ZONE: $1"
    printf '(sssbsasa(ss)asba(ssss)asasasasa(ss)b) "" "%s" "A zone" false "%s"' "$1" "$(cat target 2>/dev/null || echo default)"
    printf ' %s %s 0 false 0 %s %s 0 0 0 false\n' "$(list Service)" "$(list Port)" "$(list Interface)" "$(list Source)"
    ;;
  *:getZoneByName) echo "o \"/org/fedoraproject/FirewallD1/config/zone/$1\"" ;;
  */config/zone/*)
    name=$(basename "$path").xml
    file=/etc/firewalld/zones/$name
    [ "$method" != loadDefaults ] || { rm -f "$file"; exit 0; }
    entry "$method" "$@"
    [ -f "$file" ] || cp "/usr/lib/firewalld/zones/$name" "$file"
    case $method in
      add*) sed -i "s|^</zone>|  $xml\n</zone>|" "$file" ;;
      remove*) has "$file" "  $xml" || fail NOT_ENABLED; without "$file" "  $xml" ;;
    esac
    ;;
  *)
    zone=running/$1
    shift
    entry "$method" "$@"
    [ -n "$(ls timers)" ] || echo "$method" >>unguarded
    case $method in
      addSource | addInterface)
        other=$(cd running && grep -lxF -e "$line" -- *) && fail "ZONE_CONFLICT: '$1' already bound to '$other'"
        echo "$line" >>"$zone"
        ;;
      add*) ! has "$zone" "$line" || fail ALREADY_ENABLED; echo "$line" >>"$zone" ;;
      remove*) has "$zone" "$line" || fail NOT_ENABLED; without "$zone" "$line" ;;
    esac
    ;;
esac
`;

/* What starts reads the zones' files. */
const systemctl = String.raw`#!/bin/sh
case " $* " in
  *' show '*) echo LoadState=loaded ;;
  *' start '*firewalld*)
    for name in public trusted; do
      file=/etc/firewalld/zones/$name.xml
      [ -f "$file" ] || file=/usr/lib/firewalld/zones/$name.xml
      sed -n 's/^ *<port port=\(".*"\) protocol=\(".*"\)\/>/Port \1 \2/p; s/^ *<source address=\(".*"\)\/>/Source \1/p
        s/^ *<interface name=\(".*"\)\/>/Interface \1/p; s/^ *<service name=\(".*"\)\/>/Service \1/p' "$file" \
        >/run/firewalld/running/$name
    done
    echo RUNNING >/run/firewalld/state
    ;;
  *' stop '*firewalld*) rm -f /run/firewalld/state ;;
  *is-active*firewalld*) [ -f /run/firewalld/state ] ;;
  *is-active*rollback*)
    shift
    for unit; do if [ -e "/run/firewalld/timers/$unit" ]; then echo active; else echo inactive; fi; done
    ;;
  *is-active*) grep -qsxF "$3" /run/firewalld/beside || exit 3 ;;
  *' stop '*rollback*)
    cd /run/firewalld/timers
    had=$(ls)
    rm -f -- "$@"
    [ -z "$had" ] || [ -n "$(ls)" ] || echo "$*" >>../unguarded
    ;;
esac
`;

const zoneFile = (entries: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<zone>\n  <short>A zone</short>\n${entries}</zone>\n`;

/* A timer that is armed stays armed: its words are in `armed`, and the test is the clock. As systemd's, it takes no name twice. */
const systemdRun = String.raw`#!/bin/sh
cd /run/firewalld
echo "$*" >>armed
[ "$(wc -l <armed)" != "$(cat arms 2>/dev/null)" ] || { echo 'Connection timed out' >&2; exit 1; }
for word; do
  case $word in --unit=*) unit=timers/${"${word#--unit=}"}.timer ;; esac
done
[ ! -e "$unit" ] || { echo "Unit $unit was already loaded" >&2; exit 1; }
true >"$unit"
`;

const put = (path: string, text: string): string => `cat >${path} <<'END OF FILE'\n${text}END OF FILE\n`;

/** Puts a firewalld into the sandbox that does not run; SSH is open in zone public, zone trusted is empty. */
export async function installFirewalld(sandbox: Sandbox): Promise<void> {
  const programs = Object.entries({ busctl, systemctl, "systemd-run": systemdRun });
  const vendor = "/usr/lib/firewalld";
  await sandbox.sh(
    [
      "set -e",
      ...programs.map(([name, text]) => put(`/usr/local/sbin/${name}`, text)),
      `chmod 0755 ${programs.map(([name]) => `/usr/local/sbin/${name}`).join(" ")}`,
      `mkdir -p /run/firewalld/running /run/firewalld/timers /etc/firewalld/zones ${vendor}/zones ${vendor}/services`,
      "rm -f /etc/firewalld/zones/*",
      put(`${vendor}/zones/public.xml`, zoneFile('  <service name="ssh"/>\n')),
      put(`${vendor}/zones/trusted.xml`, zoneFile("")),
      put(
        `${vendor}/services/ssh.xml`,
        '<?xml version="1.0" encoding="utf-8"?>\n<service>\n  <port protocol="tcp" port="22"/>\n</service>\n',
      ),
    ].join("\n"),
  );
}

/** The rules in force, and those of the zones' own files. */
export const zonesOf = async (
  sandbox: Sandbox,
): Promise<{ readonly zones: string; readonly files: string }> => ({
  zones: await sandbox.sh("cd /run/firewalld/running; grep -H . * | sort"),
  files: await sandbox.sh("cd /etc/firewalld/zones; for f in *; do [ ! -f $f ] || cat $f; done"),
});

/** Nothing of what was running outlasts it, and systemd starts firewalld with the rules of its files. */
export const powerCut = (sandbox: Sandbox): Promise<string> =>
  sandbox.sh("rm -rf /run/nodeprep-firewall /run/firewalld/timers/*; systemctl start firewalld");
