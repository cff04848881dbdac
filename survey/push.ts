import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { requirementName, type Stage } from "../plan/requirement";
import { arrivalsLine } from "../toolkit/script";
import { needsSudo, withSession, type CommandResult, type Session } from "./connection";
import { differingNames } from "./differences";
import { messageOf, SurveyError } from "./errors";
import { whatItSaid } from "./text";
import type { Observation, SurveyTarget } from "./types";
import { address } from "./wording";

/** A file of this machine that a node lacks. */
export interface LocalFile {
  readonly file: string;
  readonly sha256: string;
  /** Where it goes, if that is a file as it is: what is there with this sum needs no push. */
  readonly place: string | undefined;
}

/** Where files arrive on a node, for root alone; the toolkit's kind `download` takes them from there. */
const arrivals = "/var/lib/nodeprep/pushed";

/** The files that a node's differences call for, each once. */
export function filesToPush(stages: readonly Stage[], observation: Observation): readonly LocalFile[] {
  const differing = differingNames(observation);
  const files = stages
    .flatMap(({ requirements }) => requirements)
    .flatMap((one) => {
      const sha256 = /(?:^| )sha256=([0-9a-f]{64})(?: |$)/.exec(one.value)?.[1];
      if (one.localFile === undefined || sha256 === undefined || !differing.has(requirementName(one)))
        return [];
      return [{ file: one.localFile, sha256, place: one.key.startsWith("/") ? one.key : undefined }];
    });
  return [...new Map(files.map((file) => [file.sha256, file])).values()];
}

/**
 * Brings files to a node, each from where an earlier push of it broke off. A connection that is lost is made again, as
 * long as something gets there. What arrives is moved to its name only when its SHA-256 is right.
 *
 * @param say called before each file, for progress
 */
export async function pushFiles(
  target: SurveyTarget,
  files: readonly LocalFile[],
  say: (text: string) => void,
): Promise<void> {
  for (let arrived = -1, vain = 0; ;) {
    const seen = await tryToPush(target, files, say);
    if (seen.error === undefined) return;
    vain = seen.arrived > arrived ? 0 : vain + 1;
    arrived = Math.max(arrived, seen.arrived);
    if (vain >= 3 || !isCut(seen.error)) throw seen.error;
  }
}

const isCut = (error: Error): boolean =>
  error instanceof SurveyError && (error.reason === "dropped" || error.reason === "timeout");

/** One session; how many bytes of the files were there when it began, and how it ended. */
async function tryToPush(
  target: SurveyTarget,
  files: readonly LocalFile[],
  say: (text: string) => void,
): Promise<{ readonly arrived: number; readonly error?: Error }> {
  let arrived = -1;
  try {
    await withSession(target.node, target.connection, async (session) => {
      const sizes = await lookThere(session, target, files);
      arrived = [...sizes.values()].reduce<number>((sum, size) => sum + (size ?? 0), 0);
      for (const file of files) {
        const offset = sizes.get(file.sha256);
        if (offset !== undefined) await push(session, target, file, offset, say);
      }
    });
    return { arrived };
  } catch (cause) {
    return { arrived, error: cause instanceof Error ? cause : new Error(messageOf(cause)) };
  }
}

async function lookThere(
  session: Session,
  target: SurveyTarget,
  files: readonly LocalFile[],
): Promise<ReadonlyMap<string, number | undefined>> {
  const words = files.flatMap(({ sha256, place = "-" }) => [sha256, place]);
  const result = await session.run(rootLine(target, "look", [arrivals, ...words]), "", {
    what: "looking for files that were pushed",
    timeoutSeconds: 120,
  });
  const sizes = new Map(
    [...result.stdout.matchAll(/([0-9a-f]{64}) +(whole|\d+)$/gm)].map(
      ([, sum = "", size = ""]) => [sum, size === "whole" ? undefined : Number(size)] as const,
    ),
  );
  if (result.code !== 0 || files.some(({ sha256 }) => !sizes.has(sha256)))
    throw pushError(target, "files", result);
  return sizes;
}

async function push(
  session: Session,
  target: SurveyTarget,
  { file, sha256 }: LocalFile,
  offset: number,
  say: (text: string) => void,
): Promise<void> {
  const size = sizeOf(target, file);
  // what is there may be of a file that was changed since: its sum decides
  const from = Math.min(offset, size);
  say(`pushing ${basename(file)}, ${mebibytes(size)}${from > 0 ? `, from byte ${from} on` : ""}`);
  const line = rootLine(target, "take", [arrivals, sha256, String(size)]);
  const result = await session.run(line, createReadStream(file, { start: from }), {
    what: `pushing ${basename(file)}`,
    timeoutSeconds: 120,
  });
  if (result.code !== 0) throw pushError(target, file, result);
}

function sizeOf({ node }: SurveyTarget, file: string): number {
  try {
    return statSync(file).size;
  } catch (cause) {
    throw new SurveyError(
      node,
      "push",
      `${file} cannot be read any more: ${messageOf(cause)}`,
      "Put it back.",
    );
  }
}

const mebibytes = (bytes: number): string => `${(bytes / 1048576).toFixed(1)} MiB`;

const rootLine = ({ connection }: SurveyTarget, step: "look" | "take", words: readonly string[]): string =>
  arrivalsLine(step, words, { sudo: needsSudo(connection) });

const pushError = ({ node, connection }: SurveyTarget, what: string, result: CommandResult): SurveyError =>
  new SurveyError(
    node,
    "push",
    `${address(connection)} did not take ${what}: ${whatItSaid(result)}`,
    "See that /var/lib has room there and can be written; what came so far is kept, the next pulumi up goes on from there.",
  );
