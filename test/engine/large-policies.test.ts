import fc from 'fast-check';
import { expect, it } from 'vitest';
import { buildPolicy, type LoadedPolicy } from '../../src/engine/index.js';
import type { FactName } from '../../src/model/index.js';
import { contexts, policies, records } from '../reference/arbitraries.js';
import { referenceDecide } from '../reference/interpreter.js';
import type { PlainPolicy, PlainRule } from '../reference/plain-policy.js';

/** Made once and drawn from: making them takes longer than deciding by them. */
const POOL = fc.sample(policies(), { seed: 31, numRuns: 600 });
const CONNECTS = fc.sample(fc.tuple(records(), contexts()), { seed: 32, numRuns: 3_000 });
/** Connects of which nothing, or nearly nothing, is known. */
const EMPTY = [{}, { kind: 'reconnect' }, { remoteIp: '10.1.2.3' }].map(
  (record): [unknown, object] => [record, {}],
);

/** One policy with the rules of many, so that each section has rules in several words. */
function merged(parts: readonly PlainPolicy[]): PlainPolicy {
  const rules = parts.flatMap((part, i) =>
    (part.rules ?? []).map((rule): PlainRule => ({ ...rule, id: `${rule.id}-${i}` })),
  );
  return {
    ...parts[0],
    version: 1,
    networks: Object.assign({}, ...parts.map(({ networks }) => networks)),
    devices: Object.assign({}, ...parts.map(({ devices }) => devices)),
    rules,
  };
}

/** Nearly every connect is denied by one of so many rules: without the denies the other ones are seen, too. */
function without(policy: PlainPolicy, actions: readonly string[]): PlainPolicy {
  const rules = (policy.rules ?? []).filter(({ action }) => !actions.includes(action));
  return { ...policy, rules };
}

/** The facts that `explain` says are missing of the rules whose doubt decided. */
function missingOf(policy: LoadedPolicy, record: unknown, context: object): readonly FactName[] {
  const rules = policy.explain(record, context).rules.filter(({ takesPart }) => takesPart);
  const isPaired = record instanceof Object && 'kind' in record && record.kind === 'reconnect';
  const approves = rules.some(({ rule, value }) => rule.action === 'approve' && value === true);
  const byDefault = policy.document.default === 'deny' ? ['hold', 'approve'] : ['approve'];
  const asked = isPaired || approves ? ['deny', 'hold'] : byDefault;
  const doubts = rules.filter(
    ({ rule, value }) => value === 'unknown' && asked.includes(rule.action),
  );
  const conditions = doubts.flatMap(({ when, unless }) => [...when, ...unless]);
  const expired = doubts.flatMap(({ current }) => (current === 'unknown' ? ['now' as const] : []));
  return [...new Set([...conditions.flatMap(({ missing }) => missing), ...expired])].sort();
}

function withoutKind(facts: readonly string[]): readonly string[] {
  return facts.filter((fact) => fact !== 'kind');
}

it.each([
  { parts: 30, numRuns: 25 },
  { parts: 500, numRuns: 3 },
])(
  'decides as the plain interpreter does by the rules of $parts policies in one',
  ({ parts, numRuns }) => {
    const many = fc.array(fc.constantFrom(...POOL), { minLength: parts, maxLength: parts });
    const kept = fc.constantFrom([], ['deny'], ['deny', 'hold'], ['hold', 'approve']);
    const connects = fc.array(fc.constantFrom(...CONNECTS), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(many, kept, connects, (some, left, drawn) => {
        const plain = without(merged(some), left);
        const text = JSON.stringify(plain);
        const policy = buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]);
        for (const [record, context] of [...drawn, ...EMPTY]) {
          const { action, rule, cause, missing } = policy.decide(record, context);
          const reference = referenceDecide(plain, record, context);
          expect({ action, rule, cause }).toEqual({
            action: reference.action,
            rule: reference.rule,
            cause: reference.cause,
          });
          if (cause !== 'unknown-fact') expect(missing).toEqual([]);
          // Of a policy that denies by default the kind is asked, whether or not a rule asks.
          else
            expect(withoutKind(missing)).toEqual(withoutKind(missingOf(policy, record, context)));
        }
      }),
      { seed: 33, numRuns },
    );
  },
  300_000,
);
