import { toolkitLine } from "../toolkit/script";
import { needsSudo, withSession, type CommandResult } from "./connection";
import type { Turns } from "./pool";
import type { NodeConnection } from "./types";

/** Runs the toolkit on a node with these words, over a connection of its own. Fails with a SurveyError. */
export type Visit = (words: readonly string[], what: string) => Promise<CommandResult>;

/** Visits to one node, each in its turn among those to all nodes. */
export const visits =
  (node: string, connection: NodeConnection, turns: Turns): Visit =>
  (words, what) =>
    turns(() =>
      withSession(node, connection, (session) =>
        session.run(toolkitLine(words, { sudo: needsSudo(connection) }), "", { what }),
      ),
    );
