import { setTimeout as wait } from 'node:timers/promises';

/** Waits until there is a value; fails with what was waited for after a bound that is generous for a busy machine. */
export async function waitFor<T>(
  what: string | (() => string),
  find: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await find();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > until) {
      const thing = typeof what === 'string' ? what : what();
      throw new Error(`waited ${withinMs} ms in vain for ${thing}`);
    }
    await wait(20);
  }
}
