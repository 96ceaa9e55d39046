import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
import type { PlainPolicy, PlainRule } from '../reference/plain-policy.js';

/** Builds a policy given as plain values, through the text of a file as a user would. */
export function buildPlain(policy: PlainPolicy): LoadedPolicy {
  return buildPolicy([{ path: 'p.yaml', text: JSON.stringify(policy), kind: 'policy' }]);
}

/** The policy with other rules. */
export function withRules(policy: PlainPolicy, rules: PlainRule[]): PlainPolicy {
  return { ...policy, rules };
}
