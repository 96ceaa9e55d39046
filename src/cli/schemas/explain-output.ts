import * as z from 'zod';
import { ACTIONS, decisionSchema } from '../../model/index.js';

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const orNull = <T extends z.ZodType>(item: T) => z.union([item, z.null()]);

const factValue = orNull(z.union([text, z.number(), z.boolean(), list(text)])).meta({
  description: 'As a connect record would hold it; null where it is unknown.',
});
const truth = z.union([z.boolean(), z.literal('unknown'), z.literal('error')]);
const change = z
  .record(text, factValue)
  .meta({ description: 'Facts by name, with the value that each would have to have.' });

const factSchema = z
  .strictObject({
    fact: text,
    value: factValue,
    from: orNull(text).meta({
      description:
        '`record`, `implied` (by what else the record says), the fact it was derived from, or the flag that said it.',
    }),
  })
  .readonly();

const conditionSchema = z
  .strictObject({
    part: z.enum(['when', 'unless']),
    key: text,
    wanted: z.json().meta({ description: 'The value of the condition, as it is written.' }),
    implied: z.boolean().meta({ description: 'Whether the rule has it without saying so.' }),
    value: truth,
    reads: list(text).meta({ description: 'The facts that it reads.' }),
    facts: z.record(text, factValue).meta({
      description: 'Their values; one of more than 1,000 characters stands in `facts` above only.',
    }),
    missing: list(text).meta({ description: 'Those whose absence makes it unknown.' }),
  })
  .readonly();

const ruleSchema = z
  .strictObject({
    id: text,
    action: z.enum(ACTIONS),
    file: text,
    line: z.int().min(1),
    value: truth,
    takesPart: z.boolean().meta({
      description: 'False for the rules that have no say on a paired device that asks for nothing.',
    }),
    conditions: list(conditionSchema),
    expires: orNull(
      z
        .strictObject({
          at: text,
          ahead: z.union([z.boolean(), z.literal('unknown')]),
        })
        .readonly(),
    ),
    limit: orNull(
      z.strictObject({ text, room: z.union([z.boolean(), z.literal('unknown')]) }).readonly(),
    ),
  })
  .readonly();

const missingSchema = z
  .strictObject({
    fact: text,
    decisive: z.boolean().meta({ description: 'Whether its absence decided.' }),
    rules: list(text).meta({ description: 'The rules that are unknown without it.' }),
    find: text.meta({ description: 'How to find it, or to say it.' }),
  })
  .readonly();

const nearMissSchema = z
  .strictObject({
    rule: text.meta({ description: 'An approve rule, or `(paired)`.' }),
    distance: z.int().min(0).meta({ description: 'How many of its conditions are not true.' }),
    unmet: list(
      z.strictObject({ part: z.enum(['when', 'unless', 'expires', 'limit']), text }).readonly(),
    ),
    against: list(text).meta({ description: 'The deny and hold rules that stand against it.' }),
    change: orNull(change).meta({
      description: 'A smallest change that the engine approves; null where none was found.',
    }),
  })
  .readonly();

/** What `explain --format json` prints. */
export const explainOutputSchema = z
  .strictObject({
    record: z.strictObject({ file: orNull(text), line: orNull(z.int().min(1)) }).readonly(),
    policy: z.strictObject({ revision: text, files: list(text) }).readonly(),
    decision: decisionSchema,
    facts: list(factSchema),
    rules: list(ruleSchema).meta({ description: 'In document order.' }),
    missing: list(missingSchema),
    scopes: z
      .strictObject({
        asked: orNull(list(text)),
        approved: orNull(list(text)).meta({
          description: 'What the device has already, where the input says it.',
        }),
        granted: orNull(list(text)).meta({
          description:
            'What the connect would get if it asked for it; null where it is not approved at all.',
        }),
      })
      .readonly(),
    nearMisses: list(nearMissSchema).meta({ description: 'The nearest ones; at most ten.' }),
    smallestChange: orNull(z.strictObject({ rule: text, change }).readonly()),
    suggestion: z
      .strictObject({
        yaml: orNull(text).meta({
          description: 'A policy file to add; null where none can do it.',
        }),
        rule: orNull(text),
        why: text,
        warnings: list(text),
      })
      .readonly(),
  })
  .readonly()
  .meta({
    title: 'pair-policy explain output',
    description: 'What `pair-policy explain --format json` prints: one decision, and why.',
  });

/** What `explain --format json` prints. */
export type ExplainOutput = z.infer<typeof explainOutputSchema>;
