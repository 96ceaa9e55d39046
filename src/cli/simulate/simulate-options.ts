/** The arguments of `simulate` as what they mean. */
import {
  isOneOf,
  PairPolicyError,
  parseAddress,
  parseTimestamp,
  startOf,
} from '../../model/index.js';
import { ProblemList, quote, suggestWord } from '../../policy/index.js';
import { parseGiven, type ReplaySetup, STANDARD_INPUT } from '../../simulate/index.js';
import type { SimulateCheck } from '../schemas/simulate-output.js';

/** What can be said on the command line, as it was said. */
export interface SimulateOptions {
  readonly format: 'human' | 'json' | 'jsonl' | 'junit' | 'github' | 'markdown';
  readonly policy?: readonly string[];
  readonly against?: string;
  readonly failOn?: readonly string[];
  readonly ownAddress?: readonly string[];
  readonly now?: string;
  readonly given?: readonly string[];
  readonly strict?: true;
}

/** What the replay is told, and what it fails on. */
export interface SimulateSetup extends ReplaySetup {
  readonly failOn: ReadonlySet<SimulateCheck>;
}

const CHECKS: readonly SimulateCheck[] = [
  'changed',
  'newly-approved',
  'newly-denied',
  'unmatched',
  'unexpected',
];

/** Reads the arguments. Throws a `PairPolicyError` with every one that cannot be used. */
export function readSetup(recordings: readonly string[], options: SimulateOptions): SimulateSetup {
  const problems = new ProblemList();
  const setup: SimulateSetup = {
    now: readNow(options.now, problems),
    ownAddresses: readOwnAddresses(options.ownAddress, problems),
    given: parseGiven(options.given ?? [], problems),
    failOn: readChecks(options.failOn ?? [], problems),
  };
  if (recordings.filter((path) => path === STANDARD_INPUT).length > 1) {
    const message = 'standard input can be read only once';
    problems.error('ARGUMENT', startOf(STANDARD_INPUT), message, 'name `-` once');
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return setup;
}

/** Reads `--now`; what it cannot be is added to the problems. */
export function readNow(text: string | undefined, problems: ProblemList): number | undefined {
  if (text === undefined) return undefined;
  const now = parseTimestamp(/^-?\d+$/.test(text) ? Number(text) : text);
  if (now === undefined) {
    const hint = 'write `2026-12-01T09:00:00Z`, an offset included, or ms since the epoch';
    problems.error('ARGUMENT', startOf('--now'), `${quote(text)} is no point in time`, hint);
  }
  return now;
}

/** Reads `--own-address`, of which `none` alone is the empty list. */
export function readOwnAddresses(
  texts: readonly string[] | undefined,
  problems: ProblemList,
): readonly string[] | undefined {
  if (!texts) return undefined;
  if (texts.every((text) => text === 'none')) return [];
  for (const text of texts) {
    if (parseAddress(text)) continue;
    const message =
      text === 'none' ? '`none` beside an address' : `${quote(text)} is no IP address`;
    const hint = 'write an address such as `100.101.102.103`, or `none` alone';
    problems.error('ARGUMENT', startOf('--own-address'), message, hint);
  }
  return texts;
}

function readChecks(words: readonly string[], problems: ProblemList): ReadonlySet<SimulateCheck> {
  const checks = new Set<SimulateCheck>();
  for (const word of words) {
    if (isOneOf(CHECKS, word)) checks.add(word);
    else {
      const message = `${quote(word)} is nothing to fail on`;
      problems.error('ARGUMENT', startOf('--fail-on'), message, suggestWord(word, CHECKS));
    }
  }
  return checks;
}
