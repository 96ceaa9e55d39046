/** A live policy over real files, what it told, and texts for it. */
import { rename, utimes, writeFile } from 'node:fs/promises';
import { onTestFinished, vi } from 'vitest';
import {
  createLivePolicy,
  type LivePolicy,
  type LivePolicyEvents,
  type LivePolicyOptions,
} from '../../src/live/index.js';

/** An event with its name. */
export type Told = {
  [E in keyof LivePolicyEvents]: { readonly event: E } & LivePolicyEvents[E];
}[keyof LivePolicyEvents];

export interface Followed {
  readonly live: LivePolicy;
  /** What was told, in order. */
  readonly told: Told[];
}

/** The thread runs what the build made, because it cannot run TypeScript. */
export const workerUrl = new URL('../../dist/live/prepare/prepare-worker.js', import.meta.url);

/** Follows policy files until the end of the test. */
export async function follow(
  paths: string | readonly string[],
  options: LivePolicyOptions = {},
): Promise<Followed> {
  const live = await createLivePolicy(paths, { workerUrl, ...options });
  onTestFinished(() => live.close());
  const told: Told[] = [];
  for (const event of ['reloaded', 'rejected', 'unchanged'] as const) {
    live.on(event, (value) => told.push({ event, ...value } as Told));
  }
  return { live, told };
}

/** Waits for a condition, at most five seconds. */
export function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 5000, interval: 5 });
}

/** The ids of the rules in force. */
export function rulesOf({ current }: LivePolicy): readonly string[] {
  return current.document.rules.map(({ id }) => id);
}

/** A policy of deny rules with these ids, which deny the displayName of the same text. */
export function denying(...ids: readonly string[]): string {
  const rules = ids.map((id) => `  - { id: ${id}, action: deny, when: { displayName: ${id} } }\n`);
  return `version: 1\nrules:\n${rules.join('')}`;
}

/** Writes a file as if long ago. */
export async function writeOld(path: string, text: string | Uint8Array): Promise<string> {
  await writeFile(path, text);
  await utimes(path, 1000, 1000);
  return path;
}

/** Puts a text in place by rename. */
export async function replace(path: string, text: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
}

/** Writes in place, in two parts. */
export async function writeTorn(
  path: string,
  [first, second]: readonly [string, string],
  pauseMs: number,
): Promise<void> {
  await writeFile(path, first);
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  await writeFile(path, second, { flag: 'a' });
}
