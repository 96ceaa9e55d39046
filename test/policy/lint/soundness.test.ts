/** The lints on rules that do nothing raise no false alarm: what they flag is tried on random connects. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileCondition } from '../../../src/engine/compile-condition.js';
import { LimitLedger, toCircumstances } from '../../../src/engine/index.js';
import type { Circumstances } from '../../../src/model/index.js';
import type { Condition, Policy, Rule } from '../../../src/policy/index.js';
import {
  excludesCondition,
  impliesCondition,
  isNeverFalse,
} from '../../../src/policy/lint/compare-conditions.js';
import { Effort } from '../../../src/policy/lint/effort.js';
import { lintPolicy } from '../../../src/policy/lint/lint-policy.js';
import { buildPlain, loadablePolicies } from '../../engine/plain-policies.js';
import { contexts, records } from '../../reference/arbitraries.js';
import type { PlainConditions, PlainPolicy, PlainRule } from '../../reference/plain-policy.js';
import { fitRecord, ownAddressesFor } from './fit-record.js';

const NOW = Date.UTC(2026, 11, 1, 9);

const connects = fc.array(fc.tuple(records(), contexts(), fc.nat(20)), {
  minLength: 10,
  maxLength: 10,
  size: 'max',
});

type Connects = typeof connects extends fc.Arbitrary<infer T> ? T : never;

/** Each connect as it is drawn, and bent towards the conditions. */
function near(some: Connects, conditions: readonly Condition[]): Circumstances[] {
  return some.flatMap(([record, context, turn]) => {
    const fitted = fitRecord(record, conditions, turn);
    const ownAddresses = ownAddressesFor(fitted);
    return [
      toCircumstances(record, context),
      toCircumstances(fitted, context),
      toCircumstances(fitted, { now: NOW - turn * 3_600_000, ownAddresses }),
    ];
  });
}

/** A rule whose conditions are taken from others of the policy, mostly from one of them. */
function mixedRule(
  id: string,
  base: PlainRule,
  others: readonly PlainConditions[],
  choice: number,
  action: PlainRule['action'],
): PlainRule {
  let state = choice;
  const next = (n: number) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % n;
  };
  const some = (source: PlainConditions, oneIn: number) =>
    Object.entries(source).filter(() => next(oneIn) === 0);
  const from = (source: PlainConditions): PlainConditions =>
    Object.fromEntries([
      ...some(source, 2),
      ...(next(3) === 0 ? some(others[next(others.length)] ?? {}, 3) : []),
    ]);
  const when = from(base.when);
  const unless = next(2) === 0 ? from(next(2) === 0 ? base.when : (base.unless ?? {})) : {};
  return {
    id,
    action,
    when: Object.keys(when).length > 0 ? when : { from: 'anywhere' },
    ...(Object.keys(unless).length > 0 && { unless }),
    ...(next(4) === 0 && base.expires !== undefined && { expires: base.expires }),
  };
}

/** Policies with rules that repeat conditions of others: dead rules are common among them. */
const entangled = fc
  .tuple(
    loadablePolicies(),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat(3)), { maxLength: 5, minLength: 3 }),
  )
  .filter(([{ rules = [] }]) => rules.length > 0)
  .map(([policy, mixes]): PlainPolicy => {
    const rules = [...(policy.rules ?? [])];
    const all = rules.flatMap((rule) => [rule.when, ...(rule.unless ? [rule.unless] : [])]);
    for (const [i, [which, choice, kind]] of mixes.entries()) {
      const base = rules[which % rules.length];
      if (!base) continue;
      const other = mixedRule(`mixed-${i}`, base, all, choice, kind === 0 ? 'hold' : 'deny');
      // The last kind exempts from a rule what the rule is for.
      rules.push(kind === 3 ? { ...base, id: `mixed-${i}`, unless: other.when } : other);
    }
    return { ...policy, rules };
  });

function holds(property: fc.IRawProperty<unknown>, numRuns: number): void {
  fc.assert(property, { numRuns });
}

/** Conditions of several policies, each with those that it can say something of. */
const comparable = fc
  .array(loadablePolicies(), { minLength: 6, maxLength: 6, size: 'max' })
  .map((plain) => {
    const all = plain
      .map((one) => buildPlain(one).document)
      .flatMap(({ rules }) => rules.flatMap((rule) => [...rule.when, ...(rule.unless ?? [])]));
    const pairs = all.flatMap((a) =>
      all.filter((b) => a !== b && isComparable(a, b)).map((b) => [a, b] as const),
    );
    const policy = buildPlain({ ...plain[0], version: 1, rules: [] }).document;
    return { policy, pairs };
  });

const SUBJECTS: Readonly<Record<string, string>> = {
  role: 'roles',
  forwarded: 'from',
  authMethod: 'authUser',
};

function isComparable(a: Condition, b: Condition): boolean {
  return (SUBJECTS[a.key] ?? a.key) === (SUBJECTS[b.key] ?? b.key);
}

test('conditions_are_compared_without_error', () => {
  const seen = { implied: 0, excluded: 0, neverFalse: 0 };
  holds(
    fc.property(comparable, connects, ({ policy, pairs }, some) => {
      for (const [a, b] of pairs) comparePair(a, b, policy, some, seen);
    }),
    12,
  );
  expect(seen.implied).toBeGreaterThan(500);
  expect(seen.excluded).toBeGreaterThan(250);
  expect(seen.neverFalse).toBeGreaterThan(250);
}, 60_000);

function comparePair(
  a: Condition,
  b: Condition,
  policy: Policy,
  some: Connects,
  seen: Record<'implied' | 'excluded' | 'neverFalse', number>,
): void {
  const comparing = { tailnet: policy.tailnet, effort: new Effort() };
  const claims = {
    implied: impliesCondition([a], b, comparing),
    excluded: excludesCondition([a], b, comparing),
    neverFalse: isNeverFalse(b, [a], comparing),
  };
  if (!Object.values(claims).some(Boolean)) return;
  const [first, second] = [compileCondition(a, policy), compileCondition(b, policy)];
  for (const circumstances of near(some.slice(0, 4), [b, a])) {
    if (first.evaluate(circumstances) !== true) continue;
    const value = second.evaluate(circumstances);
    const said = `${JSON.stringify([a.key, a.written, b.key, b.written])} ${value}`;
    if (claims.implied) expect(value, said).toBe(true);
    if (claims.excluded) expect(value, said).toBe(false);
    if (claims.neverFalse) expect(value, said).not.toBe(false);
    for (const claim of ['implied', 'excluded', 'neverFalse'] as const)
      if (claims[claim]) seen[claim] += 1;
  }
}

test('a_rule_that_never_matches_is_never_true_and_one_that_never_decides_is_never_named', () => {
  const seen = { NEVER_TRUE: 0, NEVER_DECIDES: 0, EXPIRED: 0, overridden: 0, others: 0 };
  holds(
    fc.property(entangled, connects, (plain, some) => {
      const policy = buildPlain(plain);
      const flags = flaggedRules(policy.document);
      for (const rule of policy.document.rules) {
        const flag = flags.get(rule.id);
        if (flag) seen[flag] += 1;
        for (const circumstances of near(some, [...(rule.unless ?? []), ...rule.when])) {
          const explanation = policy.compiled.explain(circumstances, new LimitLedger());
          const value = explanation.rules.find((one) => one.rule.id === rule.id)?.value;
          const isTrue = value === true;
          expectFlagged(flag, isTrue, explanation.decision.rule === rule.id, circumstances);
          if (isTrue) seen[flag === 'NEVER_DECIDES' ? 'overridden' : 'others'] += 1;
        }
      }
    }),
    80,
  );
  // The connects do come near: rules that are not flagged are true, and overridden ones as well.
  expect(seen.NEVER_TRUE).toBeGreaterThan(30);
  expect(seen.NEVER_DECIDES).toBeGreaterThan(20);
  expect(seen.EXPIRED).toBeGreaterThan(5);
  expect(seen.overridden).toBeGreaterThan(100);
  expect(seen.others).toBeGreaterThan(500);
}, 60_000);

function expectFlagged(
  flag: Flag | undefined,
  isTrue: boolean,
  isNamed: boolean,
  { now }: Circumstances,
): void {
  if (flag === 'NEVER_TRUE') expect(isTrue).toBe(false);
  if (flag === 'EXPIRED' && now !== undefined && now >= NOW) expect(isTrue).toBe(false);
  if (flag === 'NEVER_DECIDES') expect(isNamed).toBe(false);
}

type Flag = 'NEVER_TRUE' | 'NEVER_DECIDES' | 'EXPIRED';

function flaggedRules(policy: Policy): ReadonlyMap<string, Flag> {
  const at = ({ line, column }: { line: number; column: number }) => `${line}:${column}`;
  const ids = new Map(policy.rules.flatMap((rule: Rule) => [[at(rule.idPlace), rule.id]]));
  const expiries = new Map(
    policy.rules.flatMap((rule) => (rule.expiresPlace ? [[at(rule.expiresPlace), rule.id]] : [])),
  );
  return new Map(
    lintPolicy(policy, { now: NOW }).flatMap((problem): [string, Flag][] => {
      const { code } = problem;
      if (code !== 'NEVER_TRUE' && code !== 'NEVER_DECIDES' && code !== 'EXPIRED') return [];
      const id = (code === 'EXPIRED' ? expiries : ids).get(at(problem));
      return id === undefined ? [] : [[id, code]];
    }),
  );
}
