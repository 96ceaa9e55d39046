/** Recordings to the narrowest policy that approves what a person had approved; the engine itself says whether it does. */
import { buildPolicy, type CompiledPolicy, LimitLedger } from '../../engine/index.js';
import { type Decision, PAIRED, type Problem } from '../../model/index.js';
import { checkRecordings, type ReplaySetup } from '../../simulate/index.js';
import { type Draft, renderPolicy } from './init-draft.js';
import { boundSample, type Group, groupBounds } from './init-groups.js';
import { draftOfGroups, ruleOfGroup } from './init-recorded-rules.js';
import {
  countConnects,
  countReasons,
  type LeftOut,
  readSamples,
  type Sample,
} from './init-samples.js';

/** What came of recordings. */
export interface RecordedDraft {
  readonly draft: Draft;
  /** How many connects a person had approved. */
  readonly approved: number;
  /** How many of them the policy approves. */
  readonly covered: number;
  readonly leftOut: readonly LeftOut[];
  /** The first of the lines that could not be read. */
  readonly bad: readonly Problem[];
  readonly badCount: number;
}

/** Reads recordings and drafts rules; `setup` is what a replay is told of host and time. */
export async function draftOfRecordings(
  paths: readonly string[],
  input: AsyncIterable<Buffer | string>,
  setup: ReplaySetup,
): Promise<RecordedDraft> {
  await checkRecordings(paths);
  const { approved, refused, bad, badCount } = await readSamples(paths, input, setup);
  const reasons = new Map<Sample, string>();
  const groups = keepToApproved(groupSamples(approved, reasons), refused, reasons);
  const decide = decider(compileGroups(groups));
  const missed = approved.filter((sample) => decide(sample).action !== 'approve');
  const leftOut = [
    ...countReasons(missed, (sample) => reasons.get(sample) ?? decide(sample).reason),
    ...countReasons(
      refused.filter((sample) => decide(sample).rule === PAIRED),
      () =>
        'a person had refused it, but a paired device that asks for nothing new stays paired: only a deny rule would stop it',
    ),
  ];
  const total = countConnects(approved);
  return {
    draft: draftOfGroups(groups, leftOut),
    approved: total,
    covered: total - countConnects(missed),
    leftOut,
    bad,
    badCount,
  };
}

function groupSamples(samples: readonly Sample[], reasons: Map<Sample, string>): readonly Group[] {
  const bounds = samples.flatMap((sample) => {
    const bound = boundSample(sample);
    if (typeof bound !== 'string') return [bound];
    reasons.set(sample, bound);
    return [];
  });
  return groupBounds(bounds);
}

/**
 * The groups whose rules approve nothing that a person had refused: where one does, it is made
 * strict, and where that does not help, it is dropped.
 */
function keepToApproved(
  drafted: readonly Group[],
  refused: readonly Sample[],
  reasons: Map<Sample, string>,
): readonly Group[] {
  let groups = drafted;
  for (;;) {
    const decide = decider(compileGroups(groups));
    const clashes = new Map<string, Sample>();
    for (const sample of refused) {
      const { action, rule } = decide(sample);
      if (action === 'approve' && rule !== null && rule !== PAIRED) clashes.set(rule, sample);
    }
    if (clashes.size === 0) return groups;
    groups = groups.flatMap((group) => {
      const clash = clashes.get(ruleOfGroup(group).id);
      if (!clash) return [group];
      if (!group.isStrict) return [{ ...group, isStrict: true }];
      const reason = `a rule for it would also approve the connect at ${clash.file}:${clash.line}, which a person had not approved`;
      for (const { sample } of group.members) reasons.set(sample, reason);
      return [];
    });
  }
}

function compileGroups(groups: readonly Group[]): CompiledPolicy | undefined {
  if (groups.length === 0) return undefined;
  const text = renderPolicy(draftOfGroups(groups, []), 'policy.schema.json');
  return buildPolicy([{ path: 'pairing.yaml', text, kind: 'policy' }]).compiled;
}

type Verdict = Pick<Decision, 'action' | 'rule' | 'reason'>;

/** What the policy decides; one without rules holds whatever is not paired. */
function decider(policy: CompiledPolicy | undefined): (sample: Sample) => Verdict {
  const ledger = new LimitLedger();
  return ({ circumstances }) => {
    if (policy) return policy.decide(circumstances, ledger);
    return circumstances.facts.kind === 'reconnect'
      ? { action: 'approve', rule: PAIRED, reason: '' }
      : { action: 'hold', rule: null, reason: 'no rule matches' };
  };
}
