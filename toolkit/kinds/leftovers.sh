# shellcheck shell=sh
# leftovers RUNTIME removed by undo: what a runtime leaves behind when it stops goes with it. It is a function
# leftovers_of_RUNTIME in toolkit/runtime-RUNTIME.sh, called with "capture" and "undo".

leftovers_observe() { :; }
leftovers_apply() { :; }
leftovers_capture() { "leftovers_of_$key" capture; }
leftovers_undo() { "leftovers_of_$key" undo; }
