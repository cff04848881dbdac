import { join } from "node:path";
import { ROOT } from "../../../offline/paths";
import type { Program } from "./stack";

/** A program below examples/, whose configuration is named after its project. */
const example = (name: string, project = name): Program => ({
  folder: join(ROOT, "examples", name),
  config: (values) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${project}:${key}`, value])),
});

export const singleStage = example("single-stage", "database");
export const bootstrapKubeadm = example("bootstrap-kubeadm");
export const bootstrapHardWay = example("bootstrap-hard-way");
