import { type Circumstances, KNOWN_SCOPES } from '../../model/index.js';
import type { Condition } from '../../policy/index.js';
import { compilePolicy } from '../compile.js';
import type { CompiledPolicy, Explanation } from '../compiled-policy.js';
import type { LimitBook } from '../limits.js';

const MAX_SCOPES = 64;

/**
 * The scopes that the connect would get if it asked for them and no others: those it asks for come
 * first, then all that OpenClaw or a rule knows. Null where it is not approved whatever it asks for.
 */
export function grantScopes(
  { policy }: CompiledPolicy,
  { rules }: Explanation,
  circumstances: Circumstances,
  book: LimitBook,
): readonly string[] | null {
  const open = rules.filter(({ when }) =>
    when.every(({ value, reads }) => value !== false || reads.includes('scopes')),
  );
  // The others are false whatever is asked for.
  const compiled = compilePolicy({ ...policy, rules: open.map(({ rule }) => rule) });
  const isApproved = (scopes: readonly string[]) =>
    compiled.decide({ ...circumstances, facts: { ...circumstances.facts, scopes } }, book)
      .action === 'approve';
  const listed = open.flatMap(({ rule }) => rule.when.flatMap(listedScopes));
  const asked = circumstances.facts.scopes ?? [];
  const scopes = new Set([...asked.slice(0, MAX_SCOPES), ...KNOWN_SCOPES, ...listed]);
  let granted: readonly string[] = [];
  let isPossible = isApproved(granted);
  for (const scope of [...scopes].slice(0, 2 * MAX_SCOPES)) {
    if (!isApproved([...granted, scope])) continue;
    granted = [...granted, scope];
    isPossible = true;
  }
  return isPossible ? granted : null;
}

function listedScopes(condition: Condition): readonly string[] {
  if (condition.key !== 'scopes' || condition.forms === 'anything') return [];
  return condition.forms.within ?? [];
}
