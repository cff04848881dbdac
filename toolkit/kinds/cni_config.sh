# shellcheck shell=sh
# cni_config PATH first: of the CNI configuration files in its folder, the runtime takes this one: the first by name.

# Prints the names that sort before it, whether or not it is there yet.
cni_config_before() {
  {
    printf '%s\n' "${key##*/}"
    for cni_config_path in "${key%/*}"/*.conf "${key%/*}"/*.conflist "${key%/*}"/*.json; do
      [ ! -e "$cni_config_path" ] || printf '%s\n' "${cni_config_path##*/}"
    done
  } | sort | while IFS= read -r cni_config_path; do
    [ "$cni_config_path" != "${key##*/}" ] || break
    printf '%s\n' "$cni_config_path"
  done
}

cni_config_observe() {
  cni_config_names=$(cni_config_before | tr '\n' ' ')
  [ -z "$cni_config_names" ] ||
    seen="is not what the runtime takes, ${cni_config_names% } comes first; must be the first"
}

cni_config_capture() { echo none; }

# What is moved away stays beside its place, under a name that no runtime reads.
cni_config_apply() {
  cni_config_before | while IFS= read -r cni_config_path; do
    np_warn "cni_config $key: $cni_config_path is renamed to $cni_config_path.nodeprep-aside; if it is the network of this cluster, say so in cni.type"
    printf '%s\n' "$cni_config_path" >>"$rec/aside" && np_sync "$rec/aside" &&
      mv -f -- "${key%/*}/$cni_config_path" "${key%/*}/$cni_config_path.nodeprep-aside" || exit 1
  done || np_blame "$key"
}

cni_config_undo() {
  [ -f "$rec/aside" ] || return 0
  while IFS= read -r cni_config_path; do
    cni_config_path=${key%/*}/$cni_config_path
    [ -e "$cni_config_path.nodeprep-aside" ] || continue
    if [ -e "$cni_config_path" ]; then
      np_warn "cni_config $key: $cni_config_path is there again, so $cni_config_path.nodeprep-aside stays as it is"
    else
      mv -- "$cni_config_path.nodeprep-aside" "$cni_config_path" || np_blame "$cni_config_path"
    fi
  done <"$rec/aside"
}
