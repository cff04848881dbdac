# shellcheck shell=sh
# secret ID digest=…: the record holds it, for the files that are made of it. Its text comes as the body.

secret_observe() {
  if [ ! -f "$rec/spec" ]; then
    seen='is absent, must be on the node'
  else
    np_word digest
    np_secret "$key" | { np_keyed_sum && [ "$sha" = "$word" ]; } || seen='is another one, must be the one of the configuration'
  fi
}

secret_capture() { echo absent; }

# The record has it already: it is where secrets are.
secret_apply() { :; }
secret_undo() { :; }
