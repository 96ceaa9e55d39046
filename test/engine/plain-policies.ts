import type fc from 'fast-check';
import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
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

/** The policies of the reference's generator: each of them must load, so that one that does not fails the test. */
export function loadablePolicies(): fc.Arbitrary<PlainPolicy> {
  return policies().map((policy) => {
    buildPlain(policy);
    return policy;
  });
}

/** The policy with other rules. */
export function withRules(policy: PlainPolicy, rules: PlainRule[]): PlainPolicy {
  return { ...policy, rules };
}
