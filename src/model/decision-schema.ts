import * as z from 'zod';
import { ACTIONS, CAUSES } from './words.js';

/** What was decided for one connect, and why. */
export const decisionSchema = z
  .strictObject({
    action: z.enum(ACTIONS),
    rule: z
      .union([z.string(), z.null()])
      .meta({ description: 'The rule that decided, `(paired)`, or null.' }),
    cause: z.enum(CAUSES),
    reason: z.string().meta({ description: 'For a person.' }),
    missing: z
      .array(z.string())
      .readonly()
      .meta({ description: 'With the cause `unknown-fact`: the facts whose absence decided.' }),
    revision: z.string().meta({ description: 'The content hash of the policy.' }),
    charge: z
      .strictObject({
        rule: z.string(),
        key: z.string(),
        at: z.number(),
        ask: z.union([z.string(), z.null()]),
      })
      .readonly()
      .optional()
      .meta({ description: 'On an approval under a limit: what acting on it uses up.' }),
  })
  .readonly();
