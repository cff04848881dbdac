# shellcheck shell=sh
# What packages bring besides files: accounts, folders, keys. Some of it stays when they are purged.

# What was there before a transaction, and what transactions brought.
package_before=$NP_RECORD/package.before
package_traces=$NP_RECORD/package.traces

# Accounts of the system only: packages bring no others, and people's must never be taken for theirs. Fails where any of
# it cannot be listed: what a list lacks would be taken for new.
package_trace() {
  awk -F: 'FNR == 1 { what = FILENAME == "/etc/passwd" ? "user" : "group" } $3 < 1000 { print what " " $1 }' /etc/passwd /etc/group &&
    find /etc -type d -printf 'folder %p\n' && package_do trace
}

# Its last line says that it is whole: a power cut, or a full disk, may leave the beginning of it.
package_trace_old() {
  [ ! -f "$package_before" ] || return 0
  { package_trace && echo end; } >"$package_before.new" && np_sync "$package_before.new" &&
    mv -f -- "$package_before.new" "$package_before" ||
    np_warn 'the accounts and folders that are here cannot be listed: undo will leave those that packages bring and do not take away'
}

package_trace_new() {
  [ -f "$package_before" ] || return 0
  [ "$(tail -n 1 "$package_before")" != end ] || package_trace_add || {
    np_warn "what packages brought cannot be added to $package_traces; the next run tries again"
    return 0
  }
  rm -f -- "$package_before"
}

# Whole or not at all: half a name may be that of somebody's account.
package_trace_add() {
  [ -f "$package_traces" ] || np_mark "$package_traces"
  package_trace >"$package_traces.now" &&
    awk 'FNR == 1 { part++ } part == 1 { was[$0]; next } part == 3 || !($0 in was)' \
      "$package_before" "$package_traces.now" "$package_traces" >"$package_traces.new" &&
    np_sync "$package_traces.new" && mv -f -- "$package_traces.new" "$package_traces" && rm -f -- "$package_traces.now"
}

# The last of what we added is gone: so is what it left, the deepest folders first.
package_sweep() {
  package_trace_new
  [ -f "$package_traces" ] || return 0
  sort -ru "$package_traces" | while read -r package_what package_name; do
    case $package_what in
      user) ! id "$package_name" || userdel "$package_name" ;;
      group) ! grep -q "^$package_name:" /etc/group || groupdel "$package_name" ;;
      folder) rmdir -- "$package_name" ;;
      key) rpm -e -- "$package_name" ;;
    esac >/dev/null 2>&1 || :
  done
  rm -f -- "$package_traces"
}
