/** A policy's own tests, run on the compiled policy: pure, so that a live reload can run them too. */
import {
  type Circumstances,
  type Decision,
  type FactName,
  normaliseRecord,
  type Problem,
} from '../../model/index.js';
import { type PolicyTest, quote, type Rule } from '../../policy/index.js';
import { factsOf } from '../compile-condition.js';
import type { CompiledPolicy, Explanation, RuleValue } from '../compiled-policy.js';
import { LimitLedger } from '../limits.js';

/** What one test came out as. */
export interface TestOutcome {
  readonly test: PolicyTest;
  readonly decision: Decision;
  /** Explains the decision by every rule; a large policy takes some time for it. */
  readonly explain: () => Explanation;
  /** Why the test failed; absent where it passed. */
  readonly problem?: Problem;
}

/** The facts that no connect record carries: only the caller, here a test's `given`, knows them. */
type GivenFact = 'now' | 'ownAddresses';

/** Runs every test of the policy, each on its own: none sees an approval of another one. */
export function runTests(policy: CompiledPolicy): readonly TestOutcome[] {
  const { rules, tests } = policy.policy;
  const needing = rules.filter(readsGiven);
  const named = new Map(rules.map((rule) => [rule.id, rule]));
  return tests.map((test) => {
    const expected = named.get(test.expect.rule ?? '');
    return runTest(test, policy, new Set(expected ? [...needing, expected] : needing));
  });
}

/** Of the rules only those that matter are explained. */
function runTest(
  test: PolicyTest,
  policy: CompiledPolicy,
  mattering: ReadonlySet<Rule>,
): TestOutcome {
  const circumstances = circumstancesOf(test);
  const explanation = policy.explain(circumstances, new LimitLedger(), mattering);
  const problem =
    findNeedOfGiven(test, explanation, circumstances) ?? findFailure(test, explanation);
  return {
    test,
    decision: explanation.decision,
    explain: () => policy.explain(circumstances, new LimitLedger()),
    ...(problem && { problem }),
  };
}

/** Whether a rule may depend on what no connect record carries. */
function readsGiven({ when, unless = [], expires, limit }: Rule): boolean {
  if (expires !== undefined || limit?.perMs !== undefined) return true;
  const facts: readonly FactName[] = [...when, ...unless].flatMap(factsOf);
  return facts.includes('now') || facts.includes('ownAddresses');
}

function circumstancesOf({ connect, given }: PolicyTest): Circumstances {
  const facts = normaliseRecord(connect);
  return {
    facts,
    now: given.now === undefined ? facts.ts : (given.now ?? undefined),
    ownAddresses: given.ownAddresses ?? undefined,
  };
}

const NEEDS: Readonly<Record<GivenFact, { readonly what: string; readonly hint: string }>> = {
  now: {
    what: 'the time of the decision',
    hint: 'add `given: { now: 2027-01-04T09:00:00Z }` to the test or its file, or `now: null` if it is meant to be unknown',
  },
  ownAddresses: {
    what: "the gateway host's own addresses",
    hint: 'add `given: { ownAddresses: [127.0.0.1, 100.101.102.103] }` to the test or its file, or `ownAddresses: null` if they are meant to be unknown',
  },
};

/** A test whose outcome would be another one at another time or on another host. */
function findNeedOfGiven(
  test: PolicyTest,
  { rules }: Explanation,
  circumstances: Circumstances,
): Problem | undefined {
  for (const fact of ['now', 'ownAddresses'] as const) {
    if (test.given[fact] !== undefined) continue;
    const dependent = rules.find((rule) => rule.takesPart && lacks(rule, fact, circumstances));
    if (!dependent) continue;
    const { what, hint } = NEEDS[fact];
    const message = `${quote(test.name)} depends on ${what}, which the rule ${quote(dependent.rule.id)} reads and the test does not say`;
    return { ...test.place, severity: 'error', code: 'TEST_NEEDS_GIVEN', message, hint };
  }
  return undefined;
}

function lacks(value: RuleValue, fact: GivenFact, { now }: Circumstances): boolean {
  const conditions = [...value.when, ...value.unless];
  if (conditions.some(({ missing }) => (missing as readonly FactName[]).includes(fact)))
    return true;
  if (fact !== 'now' || now !== undefined) return false;
  // A limit is looked up only for a rule that is true.
  const hasWindow = value.value === true && value.rule.limit?.perMs !== undefined;
  return value.current === 'unknown' || hasWindow;
}

function findFailure(test: PolicyTest, explanation: Explanation): Problem | undefined {
  const { expect, place } = test;
  const { decision } = explanation;
  const isMet =
    decision.action === expect.action &&
    (expect.rule === undefined || decision.rule === expect.rule) &&
    (expect.cause === undefined || decision.cause === expect.cause);
  if (isMet) return undefined;
  const expected = describe(expect, expect.rule !== undefined, expect.cause !== undefined);
  const decided = describe(decision, true, true);
  const message = `${quote(test.name)} expected ${expected}, but it was ${decided}`;
  const hint = `${decision.reason}${describeExpectedRule(test, explanation)}`;
  return { ...place, severity: 'error', code: 'TEST_FAILED', message, hint };
}

function describe(
  { action, rule, cause }: PolicyTest['expect'] | Decision,
  saysRule: boolean,
  saysCause: boolean,
): string {
  const byRule = rule === null ? ' by no rule' : ` by ${quote(rule)}`;
  return `${action}${saysRule ? byRule : ''}${saysCause ? ` (${cause})` : ''}`;
}

/** Which conditions kept the expected rule from being true. */
function describeExpectedRule({ expect }: PolicyTest, { rules }: Explanation): string {
  const value = rules.find(({ rule }) => rule.id === expect.rule);
  if (!value || value.value === true) return '';
  const when = value.when.filter((one) => one.value !== true);
  const standing = [
    ...when.map((one) => `\`${one.condition.key}\` is ${one.value}`),
    ...(when.length === 0 ? value.unless : []).map(
      (one) => `\`unless\`'s \`${one.condition.key}\` is ${one.value}`,
    ),
    ...(value.current === true ? [] : ['it has expired, or may have']),
  ];
  return `; of ${quote(expect.rule)}: ${standing.join(', ')}`;
}
