/** The arguments of `simulate` as what they mean. */
import { isOneOf, PairPolicyError, startOf } from '../../model/index.js';
import { ProblemList, quote, suggestWord } from '../../policy/index.js';
import { type ReplaySetup, STANDARD_INPUT } from '../../simulate/index.js';
import { readMoment } from '../moment-options.js';
import { SIMULATE_CHECKS, type SimulateCheck, type SimulateOptions } from './simulate-options.js';

/** What the replay is told, what it fails on, and who does it. */
export interface SimulateSetup extends ReplaySetup {
  readonly threads: number;
  readonly failOn: ReadonlySet<SimulateCheck>;
}

/** Reads the arguments. Throws a `PairPolicyError` with every one that cannot be used. */
export function readSetup(
  recordings: readonly string[],
  options: Omit<SimulateOptions, 'format'>,
): SimulateSetup {
  const problems = new ProblemList();
  const setup: SimulateSetup = {
    ...readMoment(options, problems),
    failOn: readChecks(options.failOn ?? [], problems),
    threads: readThreads(options.threads, problems),
  };
  if (recordings.filter((path) => path === STANDARD_INPUT).length > 1) {
    const message = 'standard input can be read only once';
    problems.error('ARGUMENT', startOf(STANDARD_INPUT), message, 'name `-` once');
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return setup;
}

/** More than this are of no use, and each takes its memory. */
const MAX_THREADS = 64;

function readThreads(text: string | undefined, problems: ProblemList): number {
  if (text === undefined) return 1;
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= MAX_THREADS) return threads;
  const hint = `write a number from 1 to ${MAX_THREADS}`;
  problems.error('ARGUMENT', startOf('--threads'), `${quote(text)} is no number of threads`, hint);
  return 1;
}

function readChecks(words: readonly string[], problems: ProblemList): ReadonlySet<SimulateCheck> {
  const checks = new Set<SimulateCheck>();
  for (const word of words) {
    if (isOneOf(SIMULATE_CHECKS, word)) checks.add(word);
    else {
      const message = `${quote(word)} is nothing to fail on`;
      problems.error('ARGUMENT', startOf('--fail-on'), message, suggestWord(word, SIMULATE_CHECKS));
    }
  }
  return checks;
}
