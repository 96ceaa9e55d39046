import type fc from 'fast-check';
import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
import { PairPolicyError } from '../../src/model/index.js';
import { policies } from '../reference/arbitraries.js';
import type { PlainPolicy, PlainRule } from '../reference/plain-policy.js';

/** Building is what takes long: once is enough. */
const built = new WeakMap<PlainPolicy, LoadedPolicy>();

/** Builds a policy given as plain values, through the text of a file as a user would. */
export function buildPlain(policy: PlainPolicy): LoadedPolicy {
  const before = built.get(policy);
  if (before) return before;
  const text = JSON.stringify(policy);
  const loaded = buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]);
  built.set(policy, loaded);
  return loaded;
}

/** The policies of the reference's generator but those whose `logic` says nothing, which are refused. */
export function loadablePolicies(): fc.Arbitrary<PlainPolicy> {
  return policies().filter((policy) => {
    try {
      buildPlain(policy);
      return true;
    } catch (error) {
      const isLogic =
        error instanceof PairPolicyError &&
        error.problems.every(({ code }) => code === 'INVALID_LOGIC');
      // Whatever else is refused is a valid policy by the language: the test must fail on it.
      return !isLogic;
    }
  });
}

/** The policy with other rules. */
export function withRules(policy: PlainPolicy, rules: PlainRule[]): PlainPolicy {
  return { ...policy, rules };
}
