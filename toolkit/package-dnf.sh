# shellcheck shell=sh
# dnf's part of the package kind (dnf 4 and 5, rpm). A held package is one that dnf.conf excludes: the only hold that
# needs no plugin.

package_dnf_conf=/etc/dnf/dnf.conf
# In the record: what is left there where the file cannot be written goes with it.
package_dnf_new=$NP_RECORD/dnf.conf.new

package_dnf_list() {
  package_held=" $(package_dnf_held) "
  rpm -q --qf '%{NAME}#%{EVR}#\n' -- "$@" 2>/dev/null | while IFS= read -r package_line; do
    case $package_line in *'#'*'#') ;; *) continue ;; esac
    case $package_held in
      *" ${package_line%%#*} "*) echo "${package_line}hold#installed" ;;
      *) echo "${package_line}install#installed" ;;
    esac
  done
}

# The words of what dnf.conf excludes, on one line.
package_dnf_held() {
  awk '/^\[/ { inside = /^\[main\]/ } inside && sub(/^exclude(pkgs)?[ \t]*=/, "")' "$package_dnf_conf" 2>/dev/null |
    tr -s ',[:space:]' ' '
}

# package_dnf_exclude hold|unhold NAME...: into the line of [main] that is there, or one after that; a line of ours goes
# again, and a file of ours that says nothing any more.
package_dnf_exclude() {
  package_how=$1
  shift
  [ -f "$package_dnf_conf" ] || (umask 022 && printf '%s\n' "$package_dnf_made" '[main]' >"$package_dnf_conf")
  PACKAGE_HOW=$package_how PACKAGE_NAMES=$* awk '
    # The words and what is between them stay as they are.
    function change(list, out, between, one, hold, have, i) {
      hold = ENVIRON["PACKAGE_HOW"] == "hold"
      while (match(list, /[^ ,\t]+/)) {
        between = out == "" ? "" : substr(list, 1, RSTART - 1)
        one = substr(list, RSTART, RLENGTH)
        list = substr(list, RSTART + RLENGTH)
        if (hold || !(one in name)) out = out between one
        have[one]
      }
      for (i = 1; i <= names; i++) if (hold && !(wanted[i] in have)) out = out (out == "" ? "" : " ") wanted[i]
      return out
    }
    BEGIN { names = split(ENVIRON["PACKAGE_NAMES"], wanted, " "); for (i in wanted) name[wanted[i]] }
    /^\[/ { inside = /^\[main\]/; if (inside) main = NR }
    { line[NR] = $0; if (inside && /^exclude(pkgs)?[ \t]*=/) at = NR }
    END {
      for (i = 1; i <= NR; i++) {
        if (i == at) {
          list = line[i]; sub(/^[^=]*=/, "", list); list = change(list)
          if (list != "" && match(line[i], /^[^=]*=[ \t]*/)) print substr(line[i], 1, RLENGTH) list
        } else print line[i]
        if (!at && i == main && ENVIRON["PACKAGE_HOW"] == "hold") print "excludepkgs=" change("")
      }
    }' "$package_dnf_conf" >"$package_dnf_new" &&
    np_write_file "$package_dnf_conf" "$(stat -c %a "$package_dnf_conf")" "$(stat -c %u:%g "$package_dnf_conf")" \
      <"$package_dnf_new" && rm -f -- "$package_dnf_new" && package_dnf_unmade
}

package_dnf_made='# made by nodeprep'
package_dnf_unmade() {
  [ "$(cat "$package_dnf_conf")" != "$package_dnf_made${np_nl}[main]" ] || np_remove "$package_dnf_conf"
}

package_dnf_hold() { package_dnf_exclude hold "$@"; }
package_dnf_unhold() { package_dnf_exclude unhold "$@"; }

# package_dnf_spec NAME any|VERSION
package_dnf_spec() { if [ "$2" = any ]; then echo "$1"; else echo "$1-$2"; fi; }

# dnf 5 has a capital letter there, and makes a transaction of a mark.
package_dnf_is_auto() {
  case $(dnf -C -q repoquery --installed --qf '%{reason}' -- "$1" 2>/dev/null) in [Dd]ependency) ;; *) return 1 ;; esac
}
package_dnf_mark_auto() { dnf -q mark remove "$1" 2>/dev/null || dnf -y -q mark dependency "$1"; }

# Everything goes to a file: writing to a connection that is gone would kill rpm half-way. No recommended packages.
# The version of a held package changes only when it is pinned.
package_dnf_get() {
  [ -z "$package_pinned" ] || set -- --setopt=excludepkgs= "$@"
  (umask 022 && exec dnf --setopt=install_weak_deps=False --setopt=timeout=60 --setopt=retries=3 "$@" \
    </dev/null >>"$package_log" 2>&1 9>&-)
}

package_dnf_ready() {
  np_mark "$package_log"
  package_wait_free
}

package_dnf_locks='/run/dnf/rpmtransaction.lock /usr/lib/sysimage/libdnf5/system-repo.lock'

# dnf 4's locks are files with a process's number; of one that was killed they stay. dnf 5 locks files.
package_dnf_unlocked() {
  # shellcheck disable=SC2086 # a list of paths
  package_unlocked $package_dnf_locks || return 1
  for package_lock in /var/cache/dnf/*_lock.pid /var/lib/dnf/*_lock.pid; do
    np_read_line "$package_lock"
    case $line in '' | *[!0-9]*) continue ;; esac
    [ -d "/proc/$line" ] || continue
    package_held_by "$line"
    return 1
  done
}

# Versions that are older than the installed one are another command of dnf's.
package_dnf_install() {
  # A held package that somebody removed is excluded still.
  package_held=" $(package_dnf_held) "
  for package_in in "$@"; do
    case $package_held in *" $package_in "*) package_dnf_unhold "$package_in" ;; esac
  done
  package_dnf_plan install "$@" || package_dnf_plan --refresh install "$@" || return 1
  package_dnf_get -y install "$@" || return 1
  [ -n "$package_pinned" ] || return 0
  package_older=
  for package_in in "$@"; do
    rpm -q -- "$package_in" >/dev/null 2>&1 || package_older="$package_older $package_in"
  done
  # shellcheck disable=SC2086 # words made by package_dnf_spec
  [ -z "$package_older" ] || package_dnf_get -y downgrade $package_older
}

# Says and records what would be added, before anything is. Nothing is ever removed to make room.
package_dnf_plan() {
  np_mark "$package_log"
  package_dnf_get --assumeno "$@"
  # Errors may be those of a repository that dnf goes on without (skip_if_unavailable).
  grep -Eq '^(Transaction Summary|Nothing to do)' "$package_log" || return 1
  while :; do case $1 in -* | install) shift ;; *) break ;; esac done
  [ -z "$(package_dnf_gone)" ] || package_die "cannot install $*"
  package_new=$(awk '/^Installing.*:$/ { on = 1; next } /^[A-Z].*:$|^$/ { on = 0 } on && /^ [^ ]/ { printf "%s ", $1 }' "$package_log")
  np_say "installing $* (log: $package_log); new: ${package_new:-none}"
  # shellcheck disable=SC2086 # names of packages
  [ -z "$package_new" ] || package_remember $package_new
}

# Prints what it would take away. dnf 5 also says of a package that its other version replaces it.
package_dnf_gone() {
  awk '/^Remov/ { on = 1; next } /^[A-Z].*:$|^$/ { on = 0 } on && /^ [^ ]/ { printf "%s ", $1 }
    /^ [^ ]/ { by = $1 } $1 == "replacing" && $2 != by { printf "%s ", $2 }' "$package_log"
}

# dnf would take along what needs a package; rpm is asked first, and what others need stays. Sets package_needed to
# those others.
package_dnf_remove() {
  package_go=$*
  # shellcheck disable=SC2086 # names of packages
  rpm -e --test $package_go >"$package_log" 2>&1 || package_dnf_removable "$@"
  package_needed=$(sed -n 's/.* is needed by (installed) \(.*\)-[^-]*-[^-]*$/\1/p' "$package_log" | sort -u | tr '\n' ' ')
  package_needed=${package_needed% }
  [ -n "$package_go" ] || return 0
  # shellcheck disable=SC2086 # names of packages
  package_dnf_get -y --setopt=clean_requirements_on_remove=False --setopt=excludepkgs= remove $package_go ||
    package_die "cannot remove $package_go" removing
}

# Sets package_go to those that nothing else needs: one after the other, as often as one more can go.
package_dnf_removable() {
  package_go=
  package_in="more"
  while [ "$package_in" = more ]; do
    package_in=
    for package_name in "$@"; do
      case " $package_go " in *" $package_name "*) continue ;; esac
      # shellcheck disable=SC2086 # names of packages
      rpm -e --test $package_go "$package_name" >/dev/null 2>&1 || continue
      package_go="$package_go $package_name" package_in="more"
    done
  done
  # Why the others stay.
  rpm -e --test "$@" >"$package_log" 2>&1 || :
}

package_dnf_purge() { :; }

# rpm knows no package that is half there.
package_dnf_broken() { package_broken=; }

# Keys that dnf imports are in rpm's database from then on.
# (rpm -q fails where there is none.)
package_dnf_trace() { rpm -qa --qf 'key %{NAME}-%{VERSION}-%{RELEASE}\n' gpg-pubkey; }
