import type { Sandbox } from "./sandbox";

/**
 * Starts a process with a process namespace of its own, as a container has, and returns once it is there: the number of
 * the process that takes it along when it is killed.
 */
export const startContainer = (sandbox: Sandbox): Promise<string> =>
  sandbox.sh(`unshare --pid --fork --kill-child sleep 300 >/dev/null 2>&1 &
    until [ -n "$(cat "/proc/$!/task/$!/children")" ]; do sleep 0.05; done
    echo $!`);

/** Ends it, and waits until its namespace is gone with it: the next look would count it. */
export const endContainer = (sandbox: Sandbox, number: string): Promise<string> =>
  sandbox.sh(`n=${number.trim()}; inner=$(cat "/proc/$n/task/$n/children"); inner=\${inner% }
    kill -KILL "$n" # it ignores others
    while [ -e "/proc/$inner" ]; do sleep 0.05; done`);
