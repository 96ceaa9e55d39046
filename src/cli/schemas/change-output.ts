import * as z from 'zod';
import { decisionSchema } from '../../model/index.js';
import { problemSchema } from './problem.js';

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const orNull = <T extends z.ZodType>(item: T) => z.union([item, z.null()]);

/** One change as the commands report it that change devices. */
export const changeSchema = z
  .strictObject({
    action: z.enum(['approve', 'reject', 'revoke', 'block', 'unblock']),
    done: z.boolean(),
    requestId: orNull(text),
    store: orNull(z.enum(['device', 'node'])).meta({ description: 'Where the request was.' }),
    deviceId: orNull(text),
    publicKey: orNull(text),
    name: orNull(text),
    roles: orNull(list(text)).meta({ description: 'Asked for, or lost; null: unknown.' }),
    scopes: orNull(list(text)),
    commands: orNull(list(text)),
    warnings: list(text),
    decision: orNull(decisionSchema).meta({
      description: 'What the policy of today says of it; null without a policy.',
    }),
    problem: orNull(problemSchema).meta({ description: 'Why it could not be done.' }),
  })
  .readonly();

/** What `approve`, `reject`, `revoke`, `block` and `unblock` print with `--format json`. */
export const changeOutputSchema = z
  .strictObject({
    ok: z.boolean().meta({ description: 'Whether all of it was done.' }),
    changes: list(changeSchema).meta({ description: 'In the order in which they are done.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy change output',
    description:
      'What `approve`, `reject`, `revoke`, `block` and `unblock` print with `--format json`.',
  });

/** What the commands print that change devices. */
export type ChangeOutput = z.infer<typeof changeOutputSchema>;
