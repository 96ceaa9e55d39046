import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readLimits, toCircumstances } from '../../src/engine/index.js';
import { contexts, policies, records } from '../reference/arbitraries.js';
import { buildPlain } from './plain-policies.js';

it('a survey decides as deciding does, and sees every rule that is not false', () => {
  fc.assert(
    fc.property(
      policies(),
      fc.array(fc.tuple(records(), contexts()), { minLength: 4, maxLength: 4 }),
      (plain, connects) => {
        const { compiled } = buildPlain(plain);
        for (const [record, context] of connects) {
          const circumstances = toCircumstances(record, context);
          const book = readLimits(context.limits);
          const seen: unknown[] = [];
          const decision = compiled.survey(circumstances, book, (rule, truth, missing) => {
            seen.push([rule.id, truth]);
            expect(missing.length > 0).toBe(truth === 'unknown');
          });
          const { decision: explained, rules } = compiled.explain(circumstances, book);
          const standing = rules.filter(({ takesPart, value }) => takesPart && value !== false);
          expect(decision).toEqual(explained);
          expect(seen).toHaveLength(standing.length);
          expect(seen).toEqual(
            expect.arrayContaining(standing.map(({ rule, value }) => [rule.id, value])),
          );
        }
      },
    ),
    { seed: 11, numRuns: 300 },
  );
}, 60_000);
