import { quote } from "../plan/quote";
import { must } from "../offline/process";
import type { Machine } from "./machine";
import { sshArguments } from "./ssh";

/** Copies a file of this machine, of any size, onto a lab machine; `mode` as `chmod` takes it. */
export async function upload(machine: Machine, file: string, target: string, mode: string): Promise<void> {
  const place = quote(`${target}.new`);
  const command = `umask 077; cat > ${place} && chmod ${quote(mode)} ${place} && mv ${place} ${quote(target)}`;
  const script = 'file=$1; shift; exec ssh "$@" < "$file"';
  await must("sh", ["-c", script, "upload", file, ...sshArguments(machine.target()), "--", command]);
}
