/**
 * The lints: what is no error in a policy but doubtful (a warning) or worth knowing (a note). They look at the checked
 * policy alone and decide nothing.
 */
import type { Problem } from '../../model/index.js';
import type { Policy } from '../policy.js';
import { ProblemList } from '../problem-list.js';
import type { Comparing } from './comparing.js';
import { Effort } from './effort.js';
import { lintAddresses } from './lint-addresses.js';
import { lintExpiry } from './lint-expiry.js';
import { lintGrants } from './lint-grants.js';
import { lintNeverDecides } from './lint-never-decides.js';
import { lintNeverTrue } from './lint-never-true.js';
import { lintReach } from './lint-reach.js';
import { lintSelfAsserted } from './lint-self-asserted.js';
import { lintTests } from './lint-tests.js';
import { lintWords } from './lint-words.js';

/** Finds what is doubtful in a policy at a moment (ms since the epoch), in the order of the sources. */
export function lintPolicy(policy: Policy, { now }: { readonly now: number }): readonly Problem[] {
  const problems = new ProblemList();
  const comparing: Comparing = { tailnet: policy.tailnet, effort: new Effort() };
  const dead = [
    ...lintNeverTrue(policy, comparing, problems),
    ...lintExpiry(policy, now, problems),
  ];
  lintNeverDecides(policy, new Set(dead), comparing, problems);
  lintReach(policy, problems);
  lintGrants(policy, comparing, problems);
  lintAddresses(policy, problems);
  lintSelfAsserted(policy, problems);
  lintWords(policy, problems);
  lintTests(policy, problems);
  return problems.sorted();
}
