import { isOlder } from "../plan/version-order";

/**
 * The oldest Pulumi CLI that nodeprep runs with. `requiredPulumiVersion` in Pulumi.yaml says the same to the CLI
 * itself, and the engine built from source (engine/go.mod) is this version.
 */
export const OLDEST_PULUMI = "3.259.0";

/** Pulumi's own installation page, named wherever no usable CLI was found. */
export const INSTALL_PAGE = "https://www.pulumi.com/docs/install/";

/** Is the version (`3.259.0` or `v3.259.0-dev.1`) the oldest usable one or newer? */
export const isNewEnough = (version: string, oldest: string = OLDEST_PULUMI): boolean =>
  /^v?\d+\.\d+\.\d+/.test(version) && !isOlder(version, oldest);
