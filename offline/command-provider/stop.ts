import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "ssh2";

const script = readFileSync(join(__dirname, "stop.sh"), "utf8");

/** Milliseconds between asking a command to end, making it, and leaving it. */
const GRACE = 5_000;

/**
 * Ends what runs over this connection, with everything that it has started: asks, then kills, then gives the
 * connection up. Answers a function that calls off what is left of that.
 */
export function stopCommands(client: Client): () => void {
  signal(client, "TERM");
  const timers = [
    setTimeout(() => signal(client, "KILL"), GRACE),
    setTimeout(() => client.destroy(), 2 * GRACE),
  ];
  return () => timers.forEach(clearTimeout);
}

function signal(client: Client, name: "TERM" | "KILL"): void {
  try {
    client.exec(`exec sh -s ${name}`, (error, channel) => {
      if (error) return;
      channel.on("error", () => undefined).resume();
      channel.stderr.resume();
      channel.end(script);
    });
  } catch {
    client.destroy(); // not connected any more: nothing can be sent, and nothing will be heard
  }
}
