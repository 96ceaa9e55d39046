import { setTimeout as wait } from 'node:timers/promises';

/** Waits until it is so, or fails after a bound that is generous for a busy machine. */
export async function waitUntil(isSo: () => unknown, withinMs = 15_000): Promise<void> {
  const until = Date.now() + withinMs;
  while (!isSo()) {
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms in vain for: ${isSo}`);
    await wait(5);
  }
}
