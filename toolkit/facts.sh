# shellcheck shell=sh
# What the survey reads on a node before anything is planned: `name=value` lines, a name may come again.
# It writes nothing. Wherever a builtin can read /proc, /sys or a file, no process is started: one costs up to
# 0.1 s on a slow machine. Values are the node's text, printed as they are: the operator's side checks them.

# facts [--package NAME]... [--file PATH]...
np_verb_facts() {
  facts_packages='' facts_n=0
  # On a line of its own, also where a shell's profile has printed something without a newline.
  printf '\nfacts=1\n'
  facts_system
  facts_os
  facts_ssh
  while [ $# -gt 1 ]; do
    case $1 in
      --package) facts_add_package "$2" ;;
      --file) facts_file "$2" ;;
    esac
    shift 2
  done
  [ -z "$facts_packages" ] || facts_versions
  facts_print clock "$(date +%s)"
  echo end=1
}

facts_print() { printf '%s=%s\n' "$1" "$2"; }

# facts_first_line NAME FILE: prints the first line of FILE; nothing where it cannot be read.
facts_first_line() {
  [ -r "$2" ] || return 0
  facts_line=
  { IFS= read -r facts_line <"$2" || [ -n "$facts_line" ]; } 2>/dev/null || return 0
  facts_print "$1" "$facts_line"
}

facts_system() {
  facts_first_line kernel /proc/sys/kernel/osrelease
  facts_first_line hostname /proc/sys/kernel/hostname
  facts_first_line machine-id /etc/machine-id
  facts_first_line product-uuid /sys/class/dmi/id/product_uuid
  # The file is there from Linux 6.1 on.
  if [ -r /proc/sys/kernel/arch ]; then
    facts_first_line architecture /proc/sys/kernel/arch
  else
    facts_print architecture "$(uname -m)"
  fi
  [ ! -d /run/systemd/system ] || echo init=systemd
  if [ -f /sys/fs/cgroup/cgroup.controllers ]; then echo cgroup=2; else echo cgroup=1; fi
  facts_selinux
  facts_time_service
  facts_pods
  ! facts_runs NetworkManager || echo network-manager=running
  facts_secrets_key
  package_find_manager
  facts_print package-manager "$package_manager"
}

facts_selinux() {
  facts_line=
  if [ -r /sys/fs/selinux/enforce ]; then
    read -r facts_line </sys/fs/selinux/enforce || :
    if [ "$facts_line" = 1 ]; then echo selinux=enforcing; else echo selinux=permissive; fi
  elif [ -f /etc/selinux/config ]; then
    echo selinux=disabled
  else
    echo selinux=absent
  fi
}

# facts_runs SERVICE: a running unit has a control group; looking there costs no process.
facts_runs() {
  [ -d "/sys/fs/cgroup/system.slice/$1.service" ] || [ -d "/sys/fs/cgroup/systemd/system.slice/$1.service" ]
}

# The key that secrets are compared with: where there is none yet, the operator's side makes one.
facts_secrets_key() {
  [ -r "$NP_RECORD/req/secret:digest-key/spec" ] || return 0
  { read -r facts_line && read -r facts_line; } <"$NP_RECORD/req/secret:digest-key/spec" || return 0
  facts_print secrets-key "$facts_line"
}

# The last four follow the clock of the machine that a virtual one runs on, or another hardware clock. A container's
# clock is its host's.
facts_time_service() {
  for facts_unit in chrony chronyd systemd-timesyncd ntp ntpd ntpd-rs ntpsec openntpd timemaster \
    phc2sys vboxadd-service virtualbox-guest-utils; do
    facts_runs "$facts_unit" || continue
    facts_print time-service "$facts_unit"
    return 0
  done
  [ ! -e /run/systemd/container ] || echo time-service=container-host
}

# pods=COUNT CONTAINERS joined|alone systemd|cgroupfs|unknown, where there is a sign that the node has run pods: their
# folders, their control groups (of the driver that they were made with), a kubelet's credentials. Containers have
# process namespaces of their own, whatever their runtime is.
facts_pods() {
  facts_n=0 facts_joined=alone facts_driver=unknown
  for facts_in in /var/lib/kubelet/pods/*/; do [ ! -d "$facts_in" ] || facts_n=$((facts_n + 1)); done
  for facts_in in /etc/kubernetes/kubelet.conf /var/lib/kubelet/kubeconfig; do
    [ ! -s "$facts_in" ] || facts_joined=joined
  done
  for facts_in in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
    [ ! -d "$facts_in/kubepods" ] || facts_driver=cgroupfs
    [ ! -d "$facts_in/kubepods.slice" ] || [ "$facts_driver" != unknown ] || facts_driver=systemd
    # Slices stay until the next boot: beside the other driver's groups, those with a pod count.
    for facts_pod in "$facts_in"/kubepods.slice/kubepods-pod*/ "$facts_in"/kubepods.slice/*/kubepods-*-pod*/; do
      [ ! -d "$facts_pod" ] || facts_driver=systemd
    done
  done
  facts_in=$(stat -Lc %i /proc/[0-9]*/ns/pid 2>/dev/null | sort -u | wc -l)
  [ "$facts_n/$facts_joined/$facts_driver/$facts_in" = 0/alone/unknown/1 ] ||
    facts_print pods "$facts_n $((facts_in - 1)) $facts_joined $facts_driver"
  facts_n=0
}

# os-release is read, never sourced: it is the node's text.
facts_os() {
  facts_release=/etc/os-release
  [ -r "$facts_release" ] || facts_release=/usr/lib/os-release
  [ -r "$facts_release" ] || return 0
  while IFS= read -r facts_line || [ -n "$facts_line" ]; do
    case $facts_line in ID=* | VERSION_ID=* | ID_LIKE=* | PRETTY_NAME=*) printf 'os.%s\n' "$facts_line" ;; esac
  done <"$facts_release"
}

# file=N STATE [BASE64] for the Nth file asked for; one byte more than the limit shows that there is more.
facts_file() {
  facts_n=$((facts_n + 1))
  if [ -f "$1" ] && [ -r "$1" ]; then
    printf 'file=%s content ' "$facts_n"
    head -c 1048577 <"$1" | base64 | tr -d '\n'
    echo
  elif [ -c "$1" ]; then
    # Where it leads to /dev/null: a unit that is masked.
    facts_print file "$facts_n absent"
  elif [ -e "$1" ] || [ -L "$1" ]; then
    facts_print file "$facts_n other"
  else
    facts_print file "$facts_n absent"
  fi
  # What the content that we wrote was merged from: without it, the same merge would look like another one next time.
  np_rec "file:$1"
  np_read_line "$rec/spec"
  value=$line
  ! np_word based-on || facts_print file-base "$facts_n $word"
}

facts_add_package() {
  case $1 in '' | -* | *[!A-Za-z0-9.+_-]*) return 0 ;; esac
  facts_packages="$facts_packages $1"
}

# package.installed=NAME VERSION, package.candidate=NAME VERSION for those that are not installed.
facts_versions() {
  facts_missing=' '
  # shellcheck disable=SC2086 # checked words
  set -- $facts_packages
  for facts_name in "$@"; do facts_missing="$facts_missing$facts_name "; done
  # shellcheck disable=SC2016 # the package manager's own variables
  case $package_manager in
    apt) facts_installed "$(dpkg-query -W -f '${db:Status-Abbrev}#${Package}#${Version}\n' -- "$@" 2>/dev/null)" ;;
    dnf) facts_installed "$(rpm -q --qf 'ii#%{NAME}#%{EPOCHNUM}:%{VERSION}-%{RELEASE}\n' -- "$@" 2>/dev/null)" ;;
  esac
  # shellcheck disable=SC2086 # checked words
  set -- $facts_missing
  [ "$package_manager" = apt ] && [ $# -gt 0 ] || return 0
  apt-cache policy -- "$@" 2>/dev/null | facts_candidates
}

facts_installed() {
  facts_in=$1
  set -f
  IFS='
'
  for facts_line in $facts_in; do
    # The second letter of dpkg's state: installed, or unpacked and about to be.
    case $facts_line in ?[itWFU]*'#'*'#'?*) facts_installed_line "${facts_line#*#}" ;; esac
  done
  unset IFS
  set +f
}

facts_installed_line() {
  facts_print package.installed "${1%%#*} ${1#*#}"
  case $facts_missing in *" ${1%%#*} "*) facts_missing="${facts_missing%%" ${1%%#*} "*} ${facts_missing#*" ${1%%#*} "}" ;; esac
}

facts_candidates() {
  facts_name=
  while IFS= read -r facts_line; do
    case $facts_line in
      '  Candidate: (none)') ;;
      '  Candidate: '*) facts_print package.candidate "$facts_name ${facts_line#  Candidate: }" ;;
      ' '*) ;;
      *:) facts_name=${facts_line%:} ;;
    esac
  done
}
