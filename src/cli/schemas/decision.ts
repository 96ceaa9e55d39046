import * as z from 'zod';
import { ACTIONS, CAUSES } from '../../model/index.js';

const orNull = <T extends z.ZodType>(item: T) => z.union([item, z.null()]);

/** A decision as the JSON outputs have it. */
export const decisionSchema = z
  .strictObject({
    action: z.enum(ACTIONS),
    rule: orNull(z.string()).meta({ description: 'The rule that decided, `(paired)`, or null.' }),
    cause: z.enum(CAUSES),
    reason: z.string().meta({ description: 'For a person.' }),
    missing: z
      .array(z.string())
      .readonly()
      .meta({ description: 'The facts whose absence decided.' }),
    revision: z.string().meta({ description: 'The content hash of the policy.' }),
    charge: z
      .strictObject({
        rule: z.string(),
        key: z.string(),
        at: z.number(),
        ask: orNull(z.string()),
      })
      .readonly()
      .optional()
      .meta({ description: 'On an approve under a limit: what acting on it uses up of it.' }),
  })
  .readonly();
