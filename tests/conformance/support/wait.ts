import { setTimeout as pause } from "node:timers/promises";

/** Waits, at most so many seconds, until the condition holds. Fails naming what it waited for. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  seconds = 60,
): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain for ${what}`);
    await pause(50);
  }
}
