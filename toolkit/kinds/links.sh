# shellcheck shell=sh
# links DIR from=FOLDER: everything in FOLDER is in DIR too, by a link or as something of the same name.

# Sets links_missing to the names that DIR lacks, links_from to FOLDER. Names with spaces are no plugin's.
links_look() {
  np_word from
  links_from=$word links_missing='' links_count=0
  for links_path in "$links_from"/*; do
    [ -e "$links_path" ] || continue
    links_count=$((links_count + 1))
    [ -e "$key/${links_path##*/}" ] || links_missing="$links_missing ${links_path##*/}"
  done
}

links_observe() {
  links_look
  if [ "$links_count" -eq 0 ]; then
    seen="is to have what is in $links_from, but nothing is there"
  elif [ -n "$links_missing" ]; then
    seen="lacks$links_missing, must have what is in $links_from"
  fi
}

links_capture() { echo none; }

links_apply() {
  links_look
  [ "$links_count" -gt 0 ] || np_die "links $key: there is nothing in $links_from; is the package of the plugins whole?"
  for links_path in $links_missing; do
    [ ! -L "$key/$links_path" ] || rm -f -- "$key/$links_path"
    ln -s -- "$links_from/$links_path" "$key/$links_path" || np_blame "$key/$links_path"
  done
}

# Ours are known by where they lead.
links_undo() {
  np_word from
  for links_path in "$key"/*; do
    [ ! -L "$links_path" ] || [ "$(readlink -- "$links_path")" != "$word/${links_path##*/}" ] || rm -f -- "$links_path"
  done
}
