import { bootstrapParts } from "./components/bootstrap";
import { clusterOutputs } from "./components/outputs";
import { Cluster } from "./components/cluster";
import { surveyCluster } from "./components/survey-cluster";
import { loadCluster } from "./config/pulumi";

/** Load, survey, declare, export. */
export = async () => {
  const spec = await loadCluster();
  const nodes = await surveyCluster(spec);
  const cluster = new Cluster(spec.name, { nodes });
  const { joinToken } = bootstrapParts(spec);
  return clusterOutputs(spec, cluster, joinToken);
};
