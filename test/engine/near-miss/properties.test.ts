import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  buildPolicy,
  findNearMisses,
  grantScopes,
  readLimits,
  smallestChange,
  suggestRule,
  toCircumstances,
} from '../../../src/engine/index.js';
import { type Change, changeConnect } from '../../../src/engine/near-miss/change-connect.js';
import type { Circumstances } from '../../../src/model/index.js';
import { contexts, policies, records } from '../../reference/arbitraries.js';

const SEED = 20_261_202;

const connects = fc.array(fc.tuple(records(), contexts()), { minLength: 6, maxLength: 6 });

/** What differs in one fact that a suggested rule pins, and is no lesser ask. */
function others({ facts }: Circumstances): readonly Change[] {
  return [
    ...(facts.remoteIp ? [{ remoteIp: '198.51.100.77' }, { remoteIp: '2001:db8:77::77' }] : []),
    ...(facts.deviceId ? [{ deviceId: '77'.repeat(32) }, { deviceId: null }] : []),
    ...(facts.kind ? [{ kind: facts.kind === 'key-change' ? 'new-device' : 'key-change' }] : []),
    ...(facts.roles?.length === 1
      ? [{ roles: facts.roles[0] === 'node' ? ['operator'] : ['node'] }]
      : []),
    { roles: null },
    { scopes: [...(facts.scopes ?? []), 'other.scope'] },
    { commands: [...(facts.commands ?? []), 'other.command'] },
    { scopes: null },
    { commands: null },
  ];
}

test('whatever a near miss changes, the engine approves it', () => {
  const seen = { held: 0, changed: 0 };
  fc.assert(
    fc.property(policies(), connects, (plain, some) => {
      const { compiled } = buildPolicy([
        { path: 'p.yaml', text: JSON.stringify(plain), kind: 'policy' },
      ]);
      for (const [record, context] of some) {
        const circumstances = toCircumstances(record, context);
        const book = readLimits(context.limits);
        const explanation = compiled.explain(circumstances, book);
        const isApproved = explanation.decision.action === 'approve';
        const misses = findNearMisses(compiled, explanation, circumstances, book);
        for (const { change } of misses) {
          if (!change) continue;
          expect(Object.keys(change)).not.toEqual([]);
          const changed = changeConnect(circumstances, change);
          expect(compiled.decide(changed, book).action).toBe('approve');
        }
        if (isApproved) expect(misses).toEqual([]);
        else seen.held += 1;
        if (smallestChange(misses)) seen.changed += 1;
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
  expect(seen.changed).toBeGreaterThan(seen.held / 2);
}, 60_000);

test('a rule that is suggested loads with the policy, approves the connect, and no other one', () => {
  let suggested = 0;
  fc.assert(
    fc.property(policies(), connects, (plain, some) => {
      const file = { path: 'p.yaml', text: JSON.stringify(plain), kind: 'policy' } as const;
      const { compiled } = buildPolicy([file]);
      for (const [record, context] of some) {
        const circumstances = toCircumstances(record, context);
        const book = readLimits(context.limits);
        const explanation = compiled.explain(circumstances, book);
        const { yaml, rule, why } = suggestRule(compiled, explanation, circumstances, book);
        expect(why).not.toBe('');
        if (yaml === null) continue;
        suggested += 1;
        const both = buildPolicy([file, { path: 'q.yaml', text: yaml, kind: 'policy' }]);
        expect(both.decide(record, context)).toMatchObject({ action: 'approve', rule });
        for (const change of others(circumstances)) {
          const other = changeConnect(circumstances, change);
          const after = both.compiled.decide(other, book).action;
          const before = compiled.decide(other, book).action;
          // What becomes unknown may be held where the default denies: it is approved in no case.
          if (after !== before) expect([change, before, after]).toEqual([change, 'deny', 'hold']);
        }
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
  expect(suggested).toBeGreaterThan(100);
}, 60_000);

test('the scopes that would be granted are approved, whatever else the policy says', () => {
  let granted = 0;
  fc.assert(
    fc.property(policies(), connects, (plain, some) => {
      const { compiled } = buildPolicy([
        { path: 'p.yaml', text: JSON.stringify(plain), kind: 'policy' },
      ]);
      for (const [record, context] of some) {
        const circumstances = toCircumstances(record, context);
        const book = readLimits(context.limits);
        const explanation = compiled.explain(circumstances, book);
        const scopes = grantScopes(compiled, explanation, circumstances, book);
        const asking = (list: readonly string[]) =>
          compiled.decide(changeConnect(circumstances, { scopes: list }), book).action;
        if (scopes) expect(asking(scopes)).toBe('approve');
        else
          expect([[], ['operator.read'], ['operator.admin']].map(asking)).not.toContain('approve');
        if (scopes) granted += 1;
      }
    }),
    { seed: SEED, numRuns: 100 },
  );
  expect(granted).toBeGreaterThan(50);
}, 60_000);
