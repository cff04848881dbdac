import type { Sandbox } from "./sandbox";

/** Somebody who holds a package manager's lock. */
export interface LockHolder {
  /** Lets go of it, and waits until that is done. */
  readonly release: () => Promise<void>;
}

/** Whatever waits in a sandbox for its release looks for this file. */
const FLAG = "/run/release";

/**
 * Holds a lock as dpkg and dnf 5 hold theirs (`fcntl`), in a process named perl; returns once it is held.
 *
 * @param seconds how long, unless it is released sooner. Default: until then
 */
export async function holdLock(sandbox: Sandbox, file: string, seconds = 600): Promise<LockHolder> {
  await sandbox.sh(`rm -f ${FLAG} /run/lock-held`);
  const ended = sandbox.sh(
    `exec perl -e 'use Fcntl; open my $lock, ">>", shift or die; my $all = pack("s s l! l! i", F_WRLCK, 0, 0, 0, 0);
       fcntl($lock, F_SETLK, $all) or die; open my $mark, ">", "/run/lock-held"; close $mark;
       for (1 .. 10 * shift) { last if -e "${FLAG}"; select undef, undef, undef, 0.1 }' ${file} ${seconds}`,
  );
  const held = sandbox.sh(
    "i=0; until [ -e /run/lock-held ] || [ $i -gt 300 ]; do i=$((i+1)); /bin/sleep 0.1; done; [ -e /run/lock-held ]",
  );
  await Promise.race([held, ended.then(() => held)]);
  return {
    release: async () => {
      await sandbox.sh(`: >${FLAG}`);
      await ended;
    },
  };
}
