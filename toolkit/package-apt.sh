# shellcheck shell=sh
# apt's part of the package kind.

package_apt_list() {
  # shellcheck disable=SC2016 # dpkg's own variables
  dpkg-query -W -f '${Package}#${Version}#${db:Status-Want}#${db:Status-Status}\n' -- "$@" 2>/dev/null
}

# package_apt_spec NAME any|VERSION
package_apt_spec() { if [ "$2" = any ]; then echo "$1"; else echo "$1=$2"; fi; }

package_apt_is_auto() { [ -n "$(apt-mark showauto "$1" 2>/dev/null)" ]; }
package_apt_mark_auto() { apt-mark auto "$1" >/dev/null; }

package_apt_hold() { printf '%s hold\n' "$@" | dpkg --set-selections; }
package_apt_unhold() { printf '%s install\n' "$@" | dpkg --set-selections; }

# Everything goes to a file: writing to a connection that is gone would kill dpkg half-way.
package_apt_run() {
  (
    umask 022
    # A sudo that we brought refuses to go where root has no password.
    export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none SUDO_FORCE_REMOVE=yes
    exec "$@" </dev/null >>"$package_log" 2>&1 9>&-
  )
}

# No recommended packages: what was not asked for need not be undone. Nothing is ever removed to make room.
# Configuration files that somebody has changed stay. The version of a held package changes only when it is pinned.
package_apt_get() {
  [ -z "$package_pinned" ] || set -- --allow-downgrades --allow-change-held-packages "$@"
  package_apt_run apt-get -y -q --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 \
    -o Acquire::Retries=3 -o Acquire::http::Timeout=60 -o Acquire::https::Timeout=60 -o Dpkg::Use-Pty=0 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"
}

# Waits for whoever holds apt's or dpkg's locks; completes what was cut off.
package_apt_ready() {
  np_mark "$package_log"
  package_wait_free || return 1
  package_apt_interrupted || return 0
  np_say 'completing an interrupted run of the package manager (dpkg --configure -a)'
  package_apt_run dpkg --force-confdef --force-confold --configure -a || {
    package_apt_broken
    np_warn "dpkg cannot complete these packages:$package_broken; going on without"
  }
}

# Sets package_broken to the packages that are half there, each with its state.
package_apt_broken() {
  # shellcheck disable=SC2016 # dpkg's own variables
  package_broken=$(dpkg-query -W -f ' ${Package} (${db:Status-Status})\n' |
    grep -E '\((half-.*|unpacked)\)$' | tr -d '\n')
}

package_apt_interrupted() {
  for package_in in /var/lib/dpkg/updates/*; do [ ! -e "$package_in" ] || return 0; done
  grep -Eq '^Status: .* (half-configured|half-installed|unpacked|triggers-pending)$' /var/lib/dpkg/status
}

package_apt_locks='/var/lib/dpkg/lock-frontend /var/lib/dpkg/lock /var/lib/apt/lists/lock /var/cache/apt/archives/lock'
# shellcheck disable=SC2086 # a list of paths
package_apt_unlocked() { package_unlocked $package_apt_locks; }

package_apt_install() {
  np_say "installing $* (log: $package_log)"
  package_apt_new_sources
  np_mark "$package_log"
  package_apt_try "$@" && return 0
  # The last is what apt from 3.1.10 on says of unmet dependencies.
  grep -Eq 'Failed to fetch|Unable to (fetch|locate)|no installation candidate|was not found|unmet dependencies|Unable to satisfy dependencies' \
    "$package_log" || return 1
  # apt waits for dpkg's locks by itself, not for the one of the lists.
  package_wait_free || return 1
  # One source that cannot be fetched keeps nothing of the others from being installed. Why stays in the log.
  package_apt_update || np_warn "apt-get update failed, see $package_log; going on with the lists that are there"
  package_apt_try "$@"
}

# Fetches the lists of sources that came since lists were last fetched, and of no others: those take a minute. apt reads
# no files with other names.
package_apt_new_sources() {
  package_new=$(find /etc/apt/sources.list.d -maxdepth 1 -type f ! -name '*[!A-Za-z0-9._-]*' \( -name '*.list' -o -name '*.sources' \) -newer /var/lib/apt/lists 2>/dev/null)
  for package_in in $package_new; do
    np_say "fetching the package lists of $package_in (apt-get update)"
    package_apt_get -o Dir::Etc::sourcelist="$package_in" -o Dir::Etc::sourceparts=/dev/null \
      -o APT::Get::List-Cleanup=0 update || :
  done
}

# Records what is about to be added, once apt knows and before dpkg begins.
package_apt_try() {
  package_apt_get -o DPkg::Pre-Install-Pkgs::="sh $0 package-plan" install "$@"
}

# Prints what it would take away, of its last try.
package_apt_gone() {
  awk '/^The following packages will be REMOVED:/ { on = 1; gone = ""; next } /^[^ ]/ { on = 0 }
    on { for (i = 1; i <= NF; i++) gone = gone $i " " } END { printf "%s", gone }' "$package_log"
}

# Run by apt, with the files of all packages that it will unpack on stdin. Failing, it keeps apt from going on.
np_verb_package_plan() {
  set --
  while IFS= read -r package_in; do
    package_in=${package_in##*/}
    set -- "$@" "${package_in%%_*}"
  done
  [ $# -eq 0 ] || { package_find_manager && package_remember "$@"; }
}

package_apt_update() {
  np_say 'fetching the package lists (apt-get update)'
  package_apt_get update
}

# dpkg removes what it is told and nothing else, and leaves what others need. Sets package_needed to those others.
# A daemon that runs on would keep its account and its place in the list of units: where nothing else needs the
# packages, their services end before they go.
package_apt_stop() {
  dpkg --simulate --remove -- "$@" >/dev/null 2>&1 || return 0
  for package_unit in $(dpkg -L -- "$@" 2>/dev/null |
    sed -n 's|^\(/usr\)\{0,1\}/lib/systemd/system/\([A-Za-z0-9_.-]*\.service\)$|\2|p'); do
    systemctl --quiet stop "$package_unit" 2>/dev/null 9>&- || :
  done
}

package_apt_remove() {
  package_apt_stop "$@"
  package_apt_run dpkg --remove -- "$@" && return 0
  package_needed=$(sed -n 's/^ \([^ ]*\) depends on .*/\1/p' "$package_log" | sort -u | tr '\n' ' ')
  package_needed=${package_needed% }
  [ -n "$package_needed" ] || package_die "cannot remove $*" removing
}

package_apt_purge() { package_apt_run dpkg --purge -- "$@"; }

package_apt_trace() { :; }

# apt reads no source at all while two of them name one repository with two keys.
file_check_apt_sources() {
  np_defined apt-get || return 0
  package_parts=$rec/sources
  rm -rf -- "$package_parts" && mkdir -- "$package_parts" || np_blame "$package_parts"
  for package_in in /etc/apt/sources.list.d/*; do
    [ ! -f "$package_in" ] || [ "$package_in" = "$key" ] || ln -s -- "$package_in" "$package_parts/"
  done
  ln -s -- "$1" "$package_parts/${key##*/}"
  package_said=$(apt-get -o Dir::Etc::sourceparts="$package_parts" indextargets 2>&1 >/dev/null) || :
  rm -rf -- "$package_parts"
  case $package_said in *'E: Conflicting values set for option '*) ;; *) return 0 ;; esac
  package_said=${package_said#*'E: '}
  package_apt_same
  echo "${package_said%%"$np_nl"*}. With both, apt works no more on this node: take the repository out of ${package_same:-the other file}, then apply again"
  return 1
}

# Sets package_same to other files that name the repository of the loaded requirement, whose content is its body.
package_apt_same() {
  package_in=$(file_body | sed -n 's/^URIs: //p')
  package_same=$(grep -lsF -- "${package_in%/}" /etc/apt/sources.list /etc/apt/sources.list.d/*.list \
    /etc/apt/sources.list.d/*.sources | grep -vxF -- "$key" | tr '\n' ' ')
  package_same=${package_same% }
}

# Said before an apply is refused for it.
file_notice_apt_sources() {
  package_apt_same
  [ -z "$package_same" ] || np_note "names the same repository as $package_same, which must not name it as well: apt takes no two keys for one"
}
