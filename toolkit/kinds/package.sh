# shellcheck shell=sh
# package NAME version=any|VERSION [hold] [quiet=UNIT,...] [unless=COMMAND,...]: installed, in that version, held.
# What differs between package managers is in toolkit/package-<manager>.sh, as functions package_<manager>_*.
# /var/lib/nodeprep/packages lists what our transactions added ("NAME purge" or "NAME remove", as it was found).

package_added=$NP_RECORD/packages
package_log=$NP_RECORD/package.log
package_mend="repair or remove them (dpkg --configure -a, apt-get -f install, dpkg --purge --force-remove-reinstreq) and run again; why is in $package_log"
# Units that we masked for the time of a transaction.
package_masked=$NP_RECORD/package.masked
# --no-reload where the stage has systemd look again itself, after its requirements.
package_reload=

# Both may be installed: the one whose database is in use counts.
package_find_manager() {
  package_manager=none
  if np_defined apt-get && [ -s /var/lib/dpkg/status ]; then
    package_manager=apt
  elif np_defined dnf; then
    package_manager=dnf
  fi
}

package_do() {
  package_verb=$1
  shift
  "package_${package_manager}_$package_verb" "$@"
}

# One question for all packages: lines of NAME#VERSION#WANT#STATUS, WANT being "hold" for a held one.
package_survey() {
  package_find_manager
  np_with_keys package_look "$@"
}

package_look() {
  package_all=
  [ "$package_manager" = none ] || package_all=$np_nl$(package_do list "$@")$np_nl
}

# package_seen NAME: sets package_version, package_want and package_status to what the survey saw.
package_seen() {
  package_version=- package_want=- package_status=absent
  case $package_all in *"$np_nl$1#"*) ;; *) return 0 ;; esac
  package_in=${package_all#*"$np_nl$1#"}
  package_in=${package_in%%"$np_nl"*}
  package_status=${package_in##*#} package_in=${package_in%#*}
  package_want=${package_in##*#} package_version=${package_in%#*}
  [ "$package_status" != not-installed ] || package_status=absent
  : "${package_version:=-}"
}

package_observe() {
  ! package_spared || return 0
  [ "$package_manager" != none ] || {
    seen='cannot be looked for: no package manager that is supported (apt, dnf) is in use here'
    return 0
  }
  package_seen "$key"
  np_word version
  case $package_status in
    installed) package_observe_installed "$word" ;;
    absent | config-files)
      seen='is not installed, must be'
      [ "$word" = any ] || seen="$seen in version $word"
      ;;
    *) seen="is $package_status, must be installed" ;;
  esac
}

# One of the commands that make the package unnecessary is there.
package_spared() {
  np_word unless || return 1
  package_in=$word,
  while [ -n "$package_in" ]; do
    ! np_defined "${package_in%%,*}" || return 0
    package_in=${package_in#*,}
  done
  return 1
}

package_observe_installed() {
  if [ "$1" != any ] && [ "$package_version" != "$1" ]; then
    seen="is installed in version $package_version, must be $1"
  elif np_has_word hold && [ "$package_want" != hold ]; then
    seen='is not held, must be'
  elif package_awaits_boot; then
    seen="is installed for a kernel that is not running: reboot required, $np_release runs"
  fi
}

# A package with a kernel's release in its name, and another kernel runs.
package_awaits_boot() {
  case $key in
    linux-image-[0-9]*) package_in=${key#linux-image-} ;;
    linux-modules-extra-[0-9]*) package_in=${key#linux-modules-extra-} ;;
    linux-modules-[0-9]*) package_in=${key#linux-modules-} ;;
    *) return 1 ;;
  esac
  np_kernel
  [ "$package_in" != "$np_release" ]
}

# What our own transaction brought, for an earlier stage, was not there before.
package_capture() {
  package_seen "$key"
  [ ! -f "$package_added" ] || while read -r package_name package_how; do
    case $package_name/$package_how in
      "$key/purge") package_status=absent package_version=- package_want=- ;;
      "$key/remove") package_status=config-files package_version=- package_want=deinstall ;;
    esac
  done <"$package_added"
  printf '%s %s %s\n' "$package_status" "$package_version" "$package_want"
}

# The packages that follow in the stage are installed in the same transaction: it is the transaction that costs.
package_apply() {
  [ "$np_i" -gt "${package_until:-0}" ] || return 0
  package_do ready || np_die "package $key: the package manager is not ready; see above"
  package_collect
  [ -z "$package_specs" ] || package_install
  # shellcheck disable=SC2086 # names of packages
  [ -z "$package_holds" ] || package_do hold $package_holds || np_die "package $key cannot be held"
}

package_collect() {
  package_specs='' package_holds='' package_units='' package_pinned=''
  for package_i in $np_work; do
    [ "$package_i" -ge "$np_i" ] || continue
    np_load "$package_i"
    [ "$kind" = package ] || break
    package_until=$package_i
    package_collect_one
  done
  np_load "$np_i"
}

package_collect_one() {
  package_seen "$key"
  ! np_has_word hold || package_holds="$package_holds $key"
  np_word version
  if [ "$package_status" = installed ]; then
    [ "$word" != any ] && [ "$word" != "$package_version" ] || return 0
    package_do is_auto "$key" && np_mark "$rec/auto"
  fi
  [ "$word" = any ] || package_pinned=pinned
  package_specs="$package_specs $(package_do spec "$key" "$word")"
  ! np_word quiet || package_units="$package_units $word"
}

# Installs $package_specs, while $package_units cannot start.
package_install() {
  package_unmask
  package_early
  package_units=$(printf %s "$package_units" | tr , ' ')
  [ -d /run/systemd/system ] || package_units=
  package_mask
  package_failed=
  package_trace_old
  # shellcheck disable=SC2086 # words made by package_do spec
  package_install_early || package_do install $package_specs || package_failed=failed
  package_trace_new
  package_unmask
  # Another version of something that runs: the package's own scripts could not restart it behind the mask.
  # shellcheck disable=SC2086 # units
  [ -z "$package_units" ] || [ -z "$package_pinned" ] || timeout 180 systemctl try-restart -- $package_units || :
  [ -z "$package_failed" ] || package_despite_others || package_die "cannot install$package_specs"
}

# What is masked until the next boot already is somebody else's. Ours is on record first: cut off from here on, the next
# run unmasks it.
package_mask() {
  package_ours=
  for package_unit in $package_units; do
    [ -e "/run/systemd/system/$package_unit" ] || [ -L "/run/systemd/system/$package_unit" ] ||
      package_ours="$package_ours $package_unit"
  done
  [ -n "$package_ours" ] || return 0
  np_add "$package_masked" "${package_ours# }"
  # The package's own scripts let systemd look again; each time costs seconds on a slow machine.
  # shellcheck disable=SC2086 # units
  systemctl mask --no-reload --runtime --quiet -- $package_ours 2>/dev/null || :
}

package_unmask() {
  [ -f "$package_masked" ] || return 0
  # shellcheck disable=SC2046,SC2086 # units; a word or none
  systemctl unmask --runtime --quiet $package_reload -- $(cat "$package_masked") 2>/dev/null || :
  rm -f -- "$package_masked"
}

# Where a run was cut off, what came since then counts as well: so no later than at the end of the next that succeeds.
package_report() {
  package_trace_new
  package_unmask
}

# The package manager fails for packages of others too: what was asked for is there all the same.
package_despite_others() {
  package_do broken
  [ -n "$package_broken" ] || return 1
  for package_x in $package_specs; do set -- "$@" "${package_x%%=*}"; done
  package_look "$@"
  for package_x in "$@"; do
    package_seen "$package_x"
    [ "$package_status" = installed ] || return 1
  done
  np_warn "these packages are still broken:$package_broken; $package_mend"
}

# package_die WHAT [removing]: the end of the log goes with the error; lines start with a bar, since they are not ours.
package_die() {
  [ ! -s "$package_log" ] || tail -n 12 "$package_log" | np_bar >&2
  ! grep -Eq 'NO_PUBKEY|BADSIG|is not signed|GPG check FAILED|OpenPGP check for|[Ss]ignature verification failed|signatures couldn|signatures were invalid' "$package_log" 2>/dev/null ||
    np_die "$1: the signature of the repository, or of a package, is missing or of another key; is its key the right one? All of it is in $package_log"
  ! grep -Eq 'filtered out by exclude filtering|matches only excluded packages' "$package_log" 2>/dev/null ||
    np_die "$1: it is excluded there, by exclude or excludepkgs of dnf.conf or of a repository, or by dnf's versionlock: allow it, in this version; all of it is in $package_log"
  [ "${2:-}" != removing ] || np_die "$1; why is above, and all of it in $package_log"
  package_gone=$(package_do gone)
  [ -z "$package_gone" ] ||
    np_die "$1: that would remove ${package_gone% }, and nodeprep removes nothing to make room; remove it yourself if nothing needs it, or choose packages that go with it (runtime.type, runtime.source); all of it is in $package_log"
  [ -z "${package_broken:-}" ] || np_die "$1; these packages are broken:$package_broken; $package_mend"
  np_die "$1; are name and version right, is the repository configured and reachable? All of it is in $package_log"
}

# package_was_there NAME: before nodeprep came; somebody has removed it since.
package_was_there() {
  [ -r "$NP_RECORD/req/package:$1/found" ] || return 1
  read -r package_was _ <"$NP_RECORD/req/package:$1/found" || :
  [ "$package_was" = installed ]
}

# package_remember NAME...: these are about to be added. Durable before the transaction, so a cut loses nothing.
package_remember() {
  package_look "$@"
  package_known=$np_nl$(cut -d ' ' -f 1 "$package_added" 2>/dev/null)$np_nl package_lines=
  for package_name in "$@"; do
    case $package_known in *"$np_nl$package_name$np_nl"*) continue ;; esac
    ! package_was_there "$package_name" || continue
    package_seen "$package_name"
    case $package_status in
      absent) package_lines="$package_lines$np_nl$package_name purge" ;;
      config-files) package_lines="$package_lines$np_nl$package_name remove" ;;
    esac
  done
  [ -z "$package_lines" ] || np_add "$package_added" "${package_lines#"$np_nl"}"
}
