# shellcheck shell=sh
# toolkit PATH sha256=…: the toolkit itself. The script that runs is what is installed: the survey left it in /run.

# An undo that was cut off at its very end was not the last word.
np_start_toolkit() { rm -f -- "$np_given_back"; }

toolkit_observe() {
  np_word sha256
  np_sha "$key"
  if [ "$sha" = absent ]; then
    seen='is absent, must be installed'
  elif [ "$sha" != "$word" ]; then
    seen='was edited, or is of another version'
  elif [ "$(stat -c %a:%u:%g "$key" "${key%/*}" | tr '\n' ' ')" != '644:0:0 755:0:0 ' ]; then
    seen='must belong to root, with mode 0644, in a folder of root with mode 0755'
  fi
}

toolkit_capture() { echo absent; }

toolkit_apply() {
  np_word sha256
  np_sha "$0"
  [ "$sha" = "$word" ] || np_die "the toolkit $0 is not the one that must be installed: run pulumi up again, which brings that"
  # Five digits: of a folder, chmod keeps bits that fewer do not name (setgid, from a folder above).
  np_parents "$key" && chown 0:0 "${key%/*}" && chmod 00755 "${key%/*}" &&
    np_write_file "$key" 0644 0:0 <"$0" || np_blame "$key"
  # what another update is about to bring stays
  rm -f -- /run/nodeprep-toolkit-*.sh
  # toolkits before this one made it so that everybody could hold it
  chmod 0600 /run/nodeprep.lock || :
}

# `undo --all` removes the toolkit at the very end, after all that needs it.
toolkit_undo() { :; }

toolkit_report() {
  np_kernel
  # After a newline: a shell's profile may have printed something without one.
  printf '\nkernel=%s\n' "$np_release"
  # os-release is read, never sourced: it is the node's text.
  np_printable "$(sed -n '/^PRETTY_NAME=/{s///;s/"//g;p;q;}' /etc/os-release)"
  [ -z "$np_text" ] || printf 'os=%s\n' "$np_text"
}
