import * as z from 'zod';
import { ACTIONS, CAUSES } from '../../model/index.js';
import { problemSchema } from './problem.js';

const place = { file: z.string(), line: z.int().min(1), column: z.int().min(1) };
const count = z.int().min(0);
const ruleId = z.union([z.string(), z.null()]);

const testSchema = z
  .strictObject({
    name: z.string(),
    ...place,
    ok: z.boolean(),
    expect: z
      .strictObject({
        action: z.enum(ACTIONS),
        rule: ruleId.optional(),
        cause: z.string().optional(),
      })
      .readonly(),
    decision: z
      .strictObject({
        action: z.enum(ACTIONS),
        rule: ruleId,
        cause: z.enum(CAUSES),
        reason: z.string(),
        missing: z.array(z.string()).readonly(),
      })
      .readonly(),
  })
  .readonly()
  .meta({ description: 'One test and what was decided in it.' });

const coverageSchema = z
  .strictObject({
    percent: z.number().min(0).max(100).meta({ description: 'Rounded down to a tenth.' }),
    seen: count.meta({
      description: 'Pairs seen: of a rule that decides, and of a condition with a value.',
    }),
    possible: count.meta({ description: 'Pairs that could have been seen.' }),
    rules: z
      .array(
        z
          .strictObject({
            id: z.string(),
            action: z.enum(ACTIONS),
            ...place,
            decided: count.meta({ description: 'In how many tests it decided.' }),
            true: count,
            false: count,
            unknown: count,
          })
          .readonly(),
      )
      .readonly(),
    missing: z
      .array(
        z
          .strictObject({
            rule: z.string(),
            part: z.enum(['when', 'unless']).optional(),
            condition: z.string().optional(),
            value: z.enum(['decided', 'true', 'false', 'unknown']),
            ...place,
          })
          .readonly(),
      )
      .readonly()
      .meta({ description: 'What no test has seen.' }),
  })
  .readonly();

/** What `test --format json` prints. */
export const testOutputSchema = z
  .strictObject({
    ok: z.boolean(),
    total: count,
    passed: count,
    failed: count,
    tests: z.array(testSchema).readonly(),
    problems: z.array(problemSchema).readonly(),
    coverage: coverageSchema,
  })
  .readonly()
  .meta({
    title: 'pair-policy test output',
    description: "What `pair-policy test --format json` prints: the policy's own tests.",
  });

/** What `test --format json` prints. */
export type TestOutput = z.infer<typeof testOutputSchema>;
