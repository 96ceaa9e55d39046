import type { MomentOptions } from '../moment-options.js';

/** What `simulate` can print. */
export const SIMULATE_FORMATS = ['human', 'json', 'jsonl', 'junit', 'github', 'markdown'] as const;

/** What `--fail-on` can name. */
export const SIMULATE_CHECKS = [
  'changed',
  'newly-approved',
  'newly-denied',
  'unmatched',
  'unexpected',
] as const;

/** One thing that `--fail-on` can name. */
export type SimulateCheck = (typeof SIMULATE_CHECKS)[number];

/** What can be said on the command line, as it was said. */
export interface SimulateOptions extends MomentOptions {
  readonly format: (typeof SIMULATE_FORMATS)[number];
  readonly policy?: readonly string[];
  readonly against?: string;
  readonly failOn?: readonly string[];
  readonly strict?: true;
  readonly threads?: string;
}
