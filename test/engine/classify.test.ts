import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClassifier } from '../../src/engine/classify/index.js';
import { compileRule, evaluateRule } from '../../src/engine/compile-rule.js';
import { toCircumstances } from '../../src/engine/index.js';
import { contexts, policies, records } from '../reference/arbitraries.js';
import type { PlainPolicy, PlainRule } from '../reference/plain-policy.js';
import { buildPlain } from './plain-policies.js';

/** Rules of many policies in one: enough that sets have several words and stretches. */
function repeated(policy: PlainPolicy, times: number): PlainPolicy {
  const rules = policy.rules ?? [];
  const copies = Array.from({ length: times }, (_, copy) =>
    rules.map((rule): PlainRule => ({ ...rule, id: `${rule.id}-${copy}` })),
  );
  return { ...policy, rules: copies.flat() };
}

it.each([
  { times: 1, numRuns: 300 },
  { times: 40, numRuns: 30 },
  { times: 700, numRuns: 4 },
])(
  'finds just the rules that are not false, in order, with their values: $times times the rules',
  ({ times, numRuns }) => {
    fc.assert(
      fc.property(
        policies(),
        fc.array(fc.tuple(records(), contexts()), { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (plain, connects, pairedOnly) => {
          const { document } = buildPlain(repeated(plain, times));
          const rules = document.rules.map((rule) => compileRule(rule, document));
          const classifier = createClassifier(rules, document);
          for (const [record, context] of connects) {
            const circumstances = toCircumstances(record, context);
            const found: unknown[] = [];
            classifier.visit(circumstances, pairedOnly, {
              take({ rule }, truth) {
                found.push([rule.id, truth]);
                return false;
              },
            });
            const expected = rules
              .filter((rule) => !pairedOnly || rule.guardsPaired)
              .map((rule) => [rule.rule.id, evaluateRule(rule, circumstances)])
              .filter(([, truth]) => truth !== false);
            expect(found).toEqual(expected);
          }
        },
      ),
      { seed: 7, numRuns },
    );
  },
  60_000,
);

it('stops where the visitor says so, and starts anew the next time', () => {
  const plain: PlainPolicy = {
    version: 1,
    rules: Array.from({ length: 70 }, (_, i) => ({
      id: `r${i}`,
      action: 'deny' as const,
      when: { from: ['10.0.0.0/8'] },
    })),
  };
  const { document } = buildPlain(plain);
  const rules = document.rules.map((rule) => compileRule(rule, document));
  const classifier = createClassifier(rules, document);
  const idsOf = (remoteIp: string, stopAfter: number) => {
    const ids: string[] = [];
    classifier.visit(toCircumstances({ remoteIp }), false, {
      take({ rule }) {
        ids.push(rule.id);
        return ids.length === stopAfter;
      },
    });
    return ids;
  };
  expect(idsOf('10.1.2.3', 2)).toEqual(['r0', 'r1']);
  expect(idsOf('192.168.1.1', 99)).toEqual([]);
  expect(idsOf('10.1.2.3', 99)).toHaveLength(70);
});
