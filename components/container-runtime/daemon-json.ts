import { isDeepStrictEqual } from "node:util";
import { isMapping, type Mapping } from "../../config/mapping";
import type { Facts } from "../../plan/facts";
import { messageOf } from "../../survey/errors";
import type { CgroupDriver } from "./types";

/** Where dockerd reads it. */
export const daemonJsonPath = "/etc/docker/daemon.json";

/** What the content of dockerd's `daemon.json` depends on. */
export interface DaemonConfig {
  readonly cgroupDriver: CgroupDriver;
  /** The running kernel's release. */
  readonly kernel: string;
  /** URLs of mirrors of Docker Hub, asked before those of the user. */
  readonly mirrors?: readonly string[];
}

/**
 * dockerd's `daemon.json`: the user's, with ours merged in key by key. Ours are those that Kubernetes' documents have
 * for Docker Engine: the cgroup driver, logs as files of at most 100 MB, overlay2. A file that has all of it comes
 * back as it is, whatever its form.
 *
 * @param found the file's content; `undefined` where there is none
 * @throws Error for a file that is no JSON object, or has another kind of value in one of our keys
 */
export function daemonJson(found: string | undefined, config: DaemonConfig): string {
  const user = found === undefined ? {} : parsed(found);
  const merged: Mapping = {
    ...user,
    "exec-opts": execOpts(list(user, "exec-opts"), config.cgroupDriver),
    "log-driver": "json-file",
    "log-opts": { ...logOpts(user), "max-size": "100m" },
    "storage-driver": "overlay2",
    ...storageOpts(list(user, "storage-opts"), config.kernel),
    ...mirrors(list(user, "registry-mirrors"), config.mirrors ?? []),
  };
  if (found !== undefined && isDeepStrictEqual(user, merged)) return found;
  return `${JSON.stringify(merged, null, 2)}\n`;
}

/**
 * dockerd does not start with an option that json-file does not know: of another driver's, those stay that both have
 * (daemon/logger/jsonfilelog: ValidateLogOpt; daemon/logger/factory.go for the last two). `compress` is none of them, since
 * json-file wants several files for it.
 */
const sharedLogOpts = [
  ...["max-file", "labels", "labels-regex", "env", "env-regex", "tag"],
  ...["mode", "max-buffer-size"],
];

function logOpts(user: Mapping): Mapping {
  const all = mapping(user, "log-opts");
  if ((user["log-driver"] ?? "json-file") === "json-file") return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => sharedLogOpts.includes(name)));
}

/** Says what becomes of a dockerd's images and containers whose storage driver is about to be replaced. */
export function otherStorage(
  { files }: Pick<Facts, "files">,
  differing: readonly string[],
): readonly string[] {
  const text = files[daemonJsonPath]?.content;
  if (text === undefined || !differing.includes(`file:${daemonJsonPath}`)) return [];
  const driver = parsed(text)["storage-driver"];
  if (typeof driver !== "string" || driver === "overlay2") return [];
  return [
    `its ${daemonJsonPath} has the storage driver ${driver}, and an update replaces it with overlay2: dockerd then knows none ` +
      "of the images and containers that are there. They stay on disk, and undo gives them back. Drain the node first",
  ];
}

/** One driver, ours: dockerd does not start with two. */
function execOpts(user: readonly unknown[], driver: CgroupDriver): readonly unknown[] {
  const isDriver = (option: unknown): boolean => String(option).startsWith("native.cgroupdriver=");
  const ours = `native.cgroupdriver=${driver}`;
  if (isDeepStrictEqual(user.filter(isDriver), [ours])) return user;
  return [...user.filter((option) => !isDriver(option)), ours];
}

/** The kernels of old RHELs have overlay2's needs backported, which their number does not show. */
function storageOpts(user: readonly unknown[], kernel: string): Mapping {
  const ours = "overlay2.override_kernel_check=true";
  if (Number(kernel.split(".")[0]) >= 4) return {};
  return { "storage-opts": user.includes(ours) ? user : [...user, ours] };
}

const mirrors = (user: readonly unknown[], ours: readonly string[]): Mapping =>
  ours.length === 0
    ? {}
    : { "registry-mirrors": [...ours, ...user.filter((url) => !ours.includes(String(url)))] };

function parsed(text: string): Mapping {
  if (text.trim() === "") return {};
  const value = json(text);
  if (isMapping(value)) return value;
  throw new Error(`${daemonJsonPath} must be a JSON object: correct it, or move it away`);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const fault = `is not valid JSON (${messageOf(cause)})`;
    throw new Error(`${daemonJsonPath} ${fault}: correct it, or move it away`, { cause });
  }
}

function mapping(settings: Mapping, name: string): Mapping {
  const value = settings[name] ?? {};
  if (isMapping(value)) return value;
  throw new Error(`${daemonJsonPath}: ${name} must be an object: correct it`);
}

function list(settings: Mapping, name: string): readonly unknown[] {
  const value = settings[name] ?? [];
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new Error(`${daemonJsonPath}: ${name} must be a list: correct it`);
}
