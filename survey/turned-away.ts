import type { Attempt } from "./attempt";

/** sshd closes such connections at once: silently, or with words that are no greeting. */
const tooMany = /^(Exceeded MaxStartups|Not allowed at this time)/;

/** Whether sshd would not talk, because of all those that it is talking to. */
export const wasTurnedAway = ({ phase, heard }: Attempt): boolean =>
  phase === "greeting" && (heard === "" || tooMany.test(heard));
