# shellcheck shell=sh
# A node's secrets are kept in the record, in the requirements of kind secret. They are compared by keyed digests:
# what a preview or a state shows of a secret tells nothing of it, not even to somebody who guesses.

# np_secret ID: prints it.
np_secret() { sed 1d "$NP_RECORD/req/secret:$1/spec"; }

# Sets sha to the sum of stdin.
np_sum() { sha=$(sha256sum) && sha=${sha%% *}; }

# Sets sha to the keyed digest of stdin; to "unknown" where the node has no key. The key is of one length, so it may
# stand before the text.
np_keyed_sum() {
  sha=unknown np_key=
  [ -r "$NP_RECORD/req/secret:digest-key/spec" ] || return 0
  { read -r np_key && read -r np_key; } <"$NP_RECORD/req/secret:digest-key/spec" || return 0
  sha=$({ printf '%s\n' "$np_key" && cat; } | sha256sum) && sha=${sha%% *}
}
