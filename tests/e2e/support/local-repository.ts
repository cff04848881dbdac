import type { SignedRepository } from "../../support/packages";
import type { TestMachine } from "./machine";

/** Where it is on the machine; apt and dnf know it as `file:` and this. */
export const localRepository = "/srv/stand-ins";

/** Puts a repository onto the machine, as files; nothing there knows of it yet. */
export async function putRepository(machine: TestMachine, { archive }: SignedRepository): Promise<void> {
  await machine.sh(`mkdir -p ${localRepository}
    base64 -d <<'END' | tar -C ${localRepository} -xz
${archive}END
    chmod -R a+rX ${localRepository}`);
}
