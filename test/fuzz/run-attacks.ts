import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attack, type Failure, type Tally } from './attack.js';
import { Random } from './random.js';
import { readSeeds, type Seeds } from './seeds.js';

/** The number of a run, which with the seed repeats it, and what went wrong in it. */
export interface FailedRun extends Failure {
  readonly run: number;
}

export interface Attacks {
  readonly tally: Tally;
  readonly failures: readonly FailedRun[];
}

const MAX_FAILURES = 10;

/** Does the runs in a folder of their own, which they may fill as they like. */
export async function runAttacks(
  seed: number,
  runs: Iterable<number>,
  onRun: () => void = () => undefined,
): Promise<Attacks> {
  const seeds = readSeeds();
  const home = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), 'pair-policy-fuzz-'));
  const tally: Tally = new Map();
  const failures: FailedRun[] = [];
  process.chdir(folder);
  try {
    for (const run of runs) {
      writeGoodFiles(seeds);
      const failure = await attack(new Random(seed, run), seeds, tally);
      if (failure) failures.push({ ...failure, run });
      if (failures.length >= MAX_FAILURES) break;
      onRun();
    }
  } finally {
    process.chdir(home);
    rmSync(folder, { recursive: true, force: true });
  }
  return { tally, failures };
}

/** What the arguments name; `check --fix` and `init` may have changed it in the run before. */
function writeGoodFiles({ policies, records }: Seeds): void {
  const [policy = Buffer.of()] = policies;
  mkdirSync('policies', { recursive: true });
  for (const path of ['good.yaml', 'policies/pairing.yaml']) writeFileSync(path, policy);
  writeFileSync('good.json', records[0] ?? '');
  writeFileSync(
    'good.jsonl',
    Buffer.concat(records.slice(0, 20).flatMap((line) => [line, Buffer.from('\n')])),
  );
}
