import { file } from "./files";
import { kernelModule, sysctl } from "./kinds";
import type { Requirement } from "./requirement";

/** Kernel modules are loaded, and so they are at boot, by file `name` in /etc/modules-load.d. */
export const modulesNowAndAtBoot = (name: string, modules: readonly string[]): readonly Requirement[] => [
  file(`/etc/modules-load.d/${name}`, lines(modules)),
  ...modules.map(kernelModule),
];

/** Sysctls have these values, and so they have at boot, by file `name` in /etc/sysctl.d. */
export const sysctlsNowAndAtBoot = (
  name: string,
  values: Readonly<Record<string, string>>,
): readonly Requirement[] => [
  file(`/etc/sysctl.d/${name}`, lines(Object.entries(values).map(([key, value]) => `${key} = ${value}`))),
  ...Object.entries(values).map(([key, value]) => sysctl(key, value)),
];

const lines = (texts: readonly string[]): string => texts.map((text) => `${text}\n`).join("");

/** A sysctl's value as the kernel shows it. */
export const sysctlText = (value: string | number): string => String(value).trim().replace(/\s+/g, " ");
