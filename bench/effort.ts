/** How long everything is measured. */
export interface Effort {
  readonly name: 'full' | 'quick';
  readonly sizes: readonly number[];
  readonly warmMs: number;
  /** For contenders that compile to JavaScript, from 1,000 rules up. */
  readonly warmCompiledMs: number;
  readonly rounds: number;
  readonly sliceMs: number;
  readonly checkMs: number;
  /** Contenders that take longer than this for one decision, or to be made, are not timed. */
  readonly boxDecisionMs: number;
  readonly boxBuildMs: number;
  readonly singles: number;
  readonly singleSizes: readonly number[];
  readonly unkindRules: number;
  readonly loadRules: readonly number[];
  readonly loadRepeats: number;
  readonly lines: number;
  /** Lines for what a user would write with a peer: they are slow, and only the rate counts. */
  readonly peerLines: number;
  /** What would take a peer longer is measured on `peerLines`. */
  readonly boxReplayMs: number;
  readonly simulatorRounds: number;
  readonly shellRuns: number;
  /** Numbers of rules, and how often a policy of so many is reloaded. */
  readonly reloads: readonly (readonly [rules: number, reloads: number])[];
}

const FULL: Effort = {
  name: 'full',
  sizes: [10, 100, 1_000, 10_000, 100_000],
  warmMs: 1500,
  warmCompiledMs: 15_000,
  rounds: 7,
  sliceMs: 250,
  checkMs: 2000,
  boxDecisionMs: 300,
  boxBuildMs: 20_000,
  singles: 50_000,
  singleSizes: [10, 100, 1_000, 10_000, 100_000],
  unkindRules: 10_000,
  loadRules: [1_000, 10_000],
  loadRepeats: 3,
  lines: 1_000_000,
  peerLines: 2_000,
  boxReplayMs: 30_000,
  simulatorRounds: 3,
  shellRuns: 15,
  reloads: [
    [10, 300],
    [1_000, 100],
    [10_000, 15],
  ],
};

const QUICK: Effort = {
  ...FULL,
  name: 'quick',
  sizes: [10, 100, 1_000, 10_000],
  warmMs: 120,
  warmCompiledMs: 250,
  rounds: 3,
  sliceMs: 40,
  checkMs: 120,
  boxDecisionMs: 60,
  boxBuildMs: 1000,
  singles: 5_000,
  singleSizes: [10, 10_000],
  loadRepeats: 1,
  lines: 50_000,
  peerLines: 200,
  boxReplayMs: 2_000,
  simulatorRounds: 1,
  shellRuns: 3,
  reloads: [
    [10, 50],
    [1_000, 20],
  ],
};

/** Reads the arguments: `--quick`, and `--warm <seconds>` for the compiled peers. */
export function readEffort(args: readonly string[]): Effort {
  const effort = args.includes('--quick') ? QUICK : FULL;
  const warm = args[args.indexOf('--warm') + 1];
  return args.includes('--warm') ? { ...effort, warmCompiledMs: Number(warm) * 1000 } : effort;
}
