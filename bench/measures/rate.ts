/** Decisions per second, measured in turns so that what else the machine does hits all alike. */
import type { Contender } from '../contenders/contender.js';
import type { Effort } from '../effort.js';

interface Runner {
  readonly contender: Contender;
  /** Decisions between two looks at the clock. */
  batch: number;
  next: number;
}

/** Something that is measured, with how long it is warmed. */
export interface Entrant {
  readonly contender: Contender;
  readonly warmMs: number;
}

/** The median of each one's rates over the rounds. */
export async function measureRates(
  entrants: readonly Entrant[],
  records: number,
  { rounds, sliceMs }: Effort,
): Promise<readonly number[]> {
  const runners = entrants.map(({ contender }): Runner => ({ contender, batch: 1, next: 0 }));
  for (const [i, runner] of runners.entries()) {
    await runFor(runner, records, entrants[i]?.warmMs ?? 0);
  }
  const rates: number[][] = runners.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < runners.length; turn += 1) {
      // Nobody always comes after the same one.
      const at = (turn + round) % runners.length;
      rates[at]?.push(await runFor(runners[at] as Runner, records, sliceMs));
    }
  }
  return rates.map(median);
}

async function runFor(runner: Runner, records: number, ms: number): Promise<number> {
  const start = performance.now();
  let done = 0;
  let passed = 0;
  while (passed < ms) {
    const before = passed;
    await runBatch(runner, records);
    done += runner.batch;
    passed = performance.now() - start;
    if (passed - before < 1) runner.batch *= 2;
  }
  return done / (passed / 1000);
}

async function runBatch(runner: Runner, records: number): Promise<void> {
  const { contender, batch } = runner;
  let { next } = runner;
  for (let i = 0; i < batch; i += 1) {
    const answer: unknown = contender.decide(next);
    if (answer instanceof Promise) await answer;
    next = next + 1 === records ? 0 : next + 1;
  }
  runner.next = next;
}

/** The middle of the values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >>> 1] ?? Number.NaN;
}
