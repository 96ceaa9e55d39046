import * as z from 'zod';
import { ACTIONS, CAUSES, ROLES } from '../../model/index.js';
import { SIMULATE_CHECKS } from '../simulate/simulate-options.js';
import { problemSchema } from './problem.js';

const count = z.int().min(0);
const action = z.enum(ACTIONS);
const text = z.string();
const ruleId = z.union([text, z.null()]);
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const place = { file: text, line: z.int().min(1) };

const sample = {
  ...place,
  deviceId: z.union([text, z.null()]),
  displayName: z.union([text, z.null()]),
  remoteIp: z.union([text, z.null()]),
  roles: z.union([list(z.enum(ROLES)), z.null()]),
};

const decided = { action, rule: ruleId, cause: z.enum(CAUSES), reason: text };

const factCounts = list(z.strictObject({ fact: text, connects: count }).readonly());

const ruleSchema = z
  .strictObject({
    id: text,
    action,
    decided: count.meta({ description: 'How often it was named as what decided.' }),
    true: count.meta({ description: 'How often it was true, whether or not it decided.' }),
    unknown: count,
    missing: factCounts.meta({ description: 'The facts for which it was unknown.' }),
  })
  .readonly();

const failedSchema = z.strictObject({ ...sample, expect: action, ...decided }).readonly();

const comparison = {
  compared: count.meta({ description: 'Connects that could be compared.' }),
  changed: count.meta({ description: 'Connects with another action than before.' }),
  newlyApproved: count,
  newlyDenied: count,
  newlyHeld: count,
  ruleChanges: list(
    z.strictObject({ action, was: ruleId, rule: ruleId, connects: count }).readonly(),
  ).meta({ description: 'The same action as before, but by another rule.' }),
  connects: list(
    z
      .strictObject({
        ...sample,
        change: z.enum(['newly-approved', 'newly-denied', 'newly-held']),
        was: action,
        wasRule: ruleId.optional(),
        ...decided,
      })
      .readonly(),
  ).meta({ description: 'Newly approved ones first; at most 1,000.' }),
};

const groupSchema = z
  .strictObject({
    roles: z.union([list(text), z.null()]),
    clientMode: z.union([text, z.null()]),
    kind: z.union([text, z.null()]),
    network: text.meta({
      description: '`loopback`, `tailnet`, a private /24 or /64, `public` or `unknown`.',
    }),
    scopes: z.union([list(text), z.null()]),
    connects: count,
    sample: z.strictObject(place).readonly().meta({ description: 'The first of them.' }),
  })
  .readonly();

/** What `simulate --format json` prints. */
export const simulateOutputSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: 'Whether the exit code is 0.' }),
    failed: list(
      z.strictObject({ check: z.enum(SIMULATE_CHECKS), connects: count }).readonly(),
    ).meta({
      description: 'What made the check fail, and for how many connects.',
    }),
    revision: text.meta({ description: 'The content hash of the policy.' }),
    connects: count,
    actions: z.strictObject({ approve: count, hold: count, deny: count }).readonly(),
    decisions: list(
      z.strictObject({ action, rule: ruleId, cause: z.enum(CAUSES), connects: count }).readonly(),
    ).meta({ description: 'The connects by action, rule and cause.' }),
    rules: list(ruleSchema).meta({
      description: 'In document order, and `(paired)` for paired devices last.',
    }),
    expectations: z
      .strictObject({ met: count, failedCount: count, failed: list(failedSchema) })
      .readonly()
      .meta({ description: 'The lines with `expect`; at most 1,000 of those that failed.' }),
    outcomes: z
      .strictObject(comparison)
      .readonly()
      .meta({ description: "Compared with the records' own `outcome`." }),
    changes: z
      .union([
        z.strictObject({ against: text, revision: text, ...comparison }).readonly(),
        z.null(),
      ])
      .meta({ description: 'Compared with the policy that `--against` names.' }),
    unmatched: z
      .strictObject({ connects: count, groups: list(groupSchema), others: count })
      .readonly()
      .meta({ description: 'The connects that met no rule, by what they have in common.' }),
    unknown: z
      .strictObject({ connects: count, facts: factCounts })
      .readonly()
      .meta({ description: 'The connects that were held for unknown facts.' }),
    bad: list(problemSchema).meta({ description: 'Lines with something wrong; at most 1,000.' }),
    badCount: count,
  })
  .readonly()
  .meta({
    title: 'pair-policy simulate output',
    description: 'What `pair-policy simulate --format json` prints: a replay of recordings.',
  });

/** What `simulate --format json` prints. */
export type SimulateOutput = z.infer<typeof simulateOutputSchema>;
