/** The facts that are unknown and matter, and how to come by them. */
import type { Explanation, RuleValue } from '../../engine/index.js';
import type { Circumstances, FactName } from '../../model/index.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import { unknownOfLimit } from './describe-condition.js';
import { flagOf } from './record-flags.js';

/** The facts whose absence decided, then those on which a rule that takes part depends. */
export function reportMissing(
  { decision, rules }: Explanation,
  circumstances: Circumstances,
): ExplainOutput['missing'] {
  const decisive = decision.missing as readonly FactName[];
  const byFact = new Map<FactName, Set<string>>(decisive.map((fact) => [fact, new Set()]));
  for (const rule of rules.filter(({ takesPart }) => takesPart)) {
    for (const fact of missingOf(rule, circumstances)) {
      byFact.set(fact, (byFact.get(fact) ?? new Set()).add(rule.rule.id));
    }
  }
  return [...byFact].map(([fact, ids]) => ({
    fact,
    decisive: decisive.includes(fact),
    rules: [...ids],
    find: howToFind(fact),
  }));
}

function missingOf(rule: RuleValue, circumstances: Circumstances): readonly FactName[] {
  const { value, when, unless, current, room } = rule;
  const { limit } = rule.rule;
  if (value === true && limit && !room) return unknownOfLimit(limit, circumstances);
  if (value !== 'unknown') return [];
  const missing = [...when, ...unless].flatMap((condition) => condition.missing);
  return current === 'unknown' ? [...missing, 'now'] : missing;
}

const HINTS: Partial<Record<FactName, string>> = {
  ownAddresses:
    "say each address of the gateway's host with --own-address (`ip -brief address` there lists them), or --own-address none",
  forwarded:
    'say --forwarded false where the gateway trusts no proxy (its `gateway.trustedProxies` is empty)',
  now: 'say the time of the decision with --now',
  remoteIp: 'say --remote-ip; that a gateway gave none does not mean loopback',
  kind: 'say --kind; for a device that is not paired it is new-device',
  commands: 'say --command, or --no-commands',
  scopes: 'say --scope, or --no-scopes',
};

function howToFind(fact: FactName): string {
  return (
    HINTS[fact] ?? `say ${flagOf(fact) ?? `--given ${fact}=VALUE`}; the record does not have it`
  );
}
