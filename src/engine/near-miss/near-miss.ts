/**
 * How near a connect came to an approve: for each rule that could have approved it what stands
 * between, and the smallest change of the connect that the engine then really approves.
 */
import type { Circumstances } from '../../model/index.js';
import type { CompiledPolicy, ConditionValue, Explanation, RuleValue } from '../compiled-policy.js';
import type { LimitBook } from '../limits.js';
import { type Change, sizeOf } from './change-connect.js';
import { createSearch } from './search-change.js';

/** One thing that is not as an approve rule wants it. */
export type Unmet =
  | { readonly part: 'when'; readonly conditions: readonly [ConditionValue] }
  | { readonly part: 'unless'; readonly conditions: readonly ConditionValue[] }
  | { readonly part: 'expires' | 'limit'; readonly conditions: readonly [] };

/** How near one approve rule came. */
export interface NearMiss {
  /** The rule, or null for the pairing that a device has already. */
  readonly rule: RuleValue | null;
  /** What of the rule is not true; at most one for each condition, `unless`, `expires` and `limit`. */
  readonly unmet: readonly Unmet[];
  /** The deny and hold rules that are not false as it is: they stand against any approve. */
  readonly against: readonly RuleValue[];
  /** The smallest change found, which the engine approves; null where none was found. */
  readonly change: Change | null;
}

/**
 * The near misses of a connect that was not approved, the nearest rule first. `change` is the
 * smallest one for its rule, not counting changes of which device it is.
 */
export function findNearMisses(
  compiled: CompiledPolicy,
  { decision, rules }: Explanation,
  circumstances: Circumstances,
  book: LimitBook,
): readonly NearMiss[] {
  if (decision.action === 'approve') return [];
  const against = rules.filter(standsAgainst);
  const search = createSearch(compiled, circumstances, book);
  if (circumstances.facts.kind === 'reconnect') {
    return [{ rule: null, unmet: [], against, change: search(null) }];
  }
  return rules
    .filter(({ rule }) => rule.action === 'approve')
    .map((rule) => ({ rule, unmet: unmetOf(rule) }))
    .sort((a, b) => a.unmet.length - b.unmet.length)
    .map((miss) => ({ ...miss, against, change: search(miss.rule.rule) }));
}

/** Of the near misses the one whose change is the smallest. */
export function smallestChange(misses: readonly NearMiss[]): NearMiss | undefined {
  const size = ({ change }: NearMiss) => (change ? sizeOf(change) : Number.POSITIVE_INFINITY);
  return misses
    .filter(({ change }) => change !== null)
    .reduce<NearMiss | undefined>(
      (best, miss) => (best && size(best) <= size(miss) ? best : miss),
      undefined,
    );
}

/** Whether a deny or hold rule keeps every approve rule from approving. */
export function standsAgainst({ rule, value, takesPart }: RuleValue): boolean {
  return takesPart && rule.action !== 'approve' && value !== false;
}

function unmetOf({ rule, when, unless, current, room }: RuleValue): readonly Unmet[] {
  const unmet: Unmet[] = when
    .filter(({ value }) => value !== true)
    .map((condition) => ({ part: 'when', conditions: [condition] }));
  // One condition of an `unless` that is false is enough to keep it from standing in the way.
  if (rule.unless && unless.every(({ value }) => value !== false))
    unmet.push({ part: 'unless', conditions: unless });
  if (current !== true) unmet.push({ part: 'expires', conditions: [] });
  if (!room) unmet.push({ part: 'limit', conditions: [] });
  return unmet;
}
