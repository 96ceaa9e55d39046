import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { contexts, policies, records } from '../reference/arbitraries.js';
import type { PlainContext } from '../reference/plain-policy.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** Longer ones make slow mutants without new paths. */
const MAX_SEED = 20_000;

/** What mutants are made of, and the connects that each policy decides. */
export interface Seeds {
  readonly policies: readonly Buffer[];
  /** Policies of which each shows one thing that is wrong. */
  readonly faulty: readonly Buffer[];
  readonly records: readonly Buffer[];
  readonly connects: readonly (readonly [record: unknown, context: PlainContext])[];
}

/** Reads the project's own policies, cases and recordings, and adds some of the generators' making. */
export function readSeeds(): Seeds {
  const recordings = filesIn(join(ROOT, 'recordings'), '.jsonl');
  const lines = recordings.flatMap((file) => file.toString().trim().split('\n'));
  const sampled = fc.sample(policies(), { seed: 1, numRuns: 60 });
  const connects = fc.sample(fc.tuple(records(), contexts()), { seed: 2, numRuns: 300 });
  return {
    policies: [
      ...filesIn(join(ROOT, 'policies'), 'ing.yaml'),
      ...filesIn(join(ROOT, 'test/policy/cases/NONE'), '.yaml'),
      ...sampled.map((policy) => Buffer.from(stringify(policy))),
      ...sampled.map((policy) => Buffer.from(JSON.stringify(policy, null, 1))),
    ].filter(isShort),
    faulty: filesIn(join(ROOT, 'test/policy/cases'), '.yaml').filter(isShort),
    records: [
      ...lines,
      ...connects.map(([record]) => JSON.stringify(record) ?? 'null'),
      // The output of `openclaw devices list --json`.
      `{"pending":[${lines.slice(0, 3).join(',')}],"paired":[]}`,
    ].map((line) => Buffer.from(line)),
    connects: [
      ...connects,
      ...lines.map((line): [unknown, PlainContext] => [JSON.parse(line), {}]),
    ],
  };
}

function isShort(seed: Buffer): boolean {
  return seed.length > 0 && seed.length < MAX_SEED;
}

function filesIn(folder: string, extension: string): Buffer[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(extension) && statSync(path).isFile())
    .map((path) => readFileSync(path));
}
