/** What the policy of today says of devices that a store holds. */
import { type LoadedPolicy, loadPolicy, readLimits } from '../../engine/index.js';
import type { PairedDevice, PendingRequest } from '../../live/index.js';
import { type Decision, PairPolicyError } from '../../model/index.js';
import { ProblemList } from '../../policy/index.js';
import { momentOf, type RawRecord, type ReplaySetup } from '../../simulate/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { readMoment } from '../moment-options.js';
import type { Terminal } from '../terminal.js';
import { tellProblems } from './open-store.js';
import { isThere } from './state-dir.js';
import type { JudgeOptions } from './store-options.js';
import { requestRecord } from './store-records.js';

/** Judges by one policy, at one moment, on one host. */
export interface Judge {
  readonly policy: LoadedPolicy;
  decide(record: RawRecord): Decision;
  /** What would become of a request, were it to come again now. */
  decideRequest(request: PendingRequest, paired: PairedDevice | undefined): Decision;
}

/** The judge of the policy that is named. Throws a `PairPolicyError` where it cannot be loaded. */
export async function createJudge(options: JudgeOptions, terminal: Terminal): Promise<Judge> {
  const setup = readSetup(options, terminal);
  const policy = await loadPolicy(options.policy ?? [DEFAULT_POLICIES]);
  const decide = (record: RawRecord) => {
    const { circumstances, limits } = momentOf(record, setup);
    return policy.compiled.decide(circumstances, limits ?? readLimits());
  };
  return {
    policy,
    decide,
    decideRequest: (request, paired) => decide(requestRecord(request, paired)),
  };
}

/**
 * The same where a policy is welcome and not needed: what nobody named and is not there is no judge, and one
 * that cannot be loaded is told and keeps nobody from acting on devices.
 */
export async function findJudge(
  options: JudgeOptions,
  terminal: Terminal,
): Promise<Judge | undefined> {
  if (options.policy) return await createJudge(options, terminal);
  readSetup(options, terminal);
  if (!(await isThere(DEFAULT_POLICIES))) return undefined;
  try {
    return await createJudge(options, terminal);
  } catch (error) {
    if (!(error instanceof PairPolicyError)) throw error;
    const problems = error.problems.filter(({ severity }) => severity === 'error');
    tellProblems(
      problems.map((problem) => ({ ...problem, severity: 'warning' })),
      terminal,
    );
    return undefined;
  }
}

/** The moment is this one unless another is said: what is judged is here, and now. */
function readSetup(options: JudgeOptions, terminal: Terminal): ReplaySetup {
  const problems = new ProblemList();
  const setup = readMoment(options, problems);
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return { ...setup, now: setup.now ?? terminal.now() };
}
