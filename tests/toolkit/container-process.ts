import type { Sandbox } from "./sandbox";

/**
 * Starts a process with a process namespace of its own, as a container has, and returns once it is there: the number of
 * the process that takes it along when it is killed.
 */
export const startContainer = (sandbox: Sandbox): Promise<string> =>
  sandbox.sh(`unshare --pid --fork --kill-child sleep 300 >/dev/null 2>&1 &
    until [ -n "$(cat "/proc/$!/task/$!/children")" ]; do sleep 0.05; done
    echo $!`);
