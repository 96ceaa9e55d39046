import * as z from 'zod';
import { decisionSchema } from '../../model/index.js';

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const orNull = <T extends z.ZodType>(item: T) => z.union([item, z.null()]);

const count = z.int().min(0);

const askSchema = z
  .strictObject({
    kind: z.enum(['new-device', 'node-commands', 'reconnect']),
    decision: decisionSchema,
  })
  .readonly();

const auditedSchema = z
  .strictObject({
    verdict: z.enum(['approved', 'not-approved', 'refused', 'unknown']).meta({
      description:
        'It would be approved; it would not be; it is refused when it connects next; it cannot be told.',
    }),
    why: text,
    id: text.meta({ description: 'A beginning of its id that no other paired device has.' }),
    deviceId: text,
    name: orNull(text),
    roles: list(text),
    scopes: list(text),
    commands: orNull(list(text)),
    remoteIp: orNull(text),
    missing: list(text).meta({
      description: 'The facts that the store does not hold and that decide.',
    }),
    blocked: orNull(z.strictObject({ reason: orNull(text), since: z.number() }).readonly()),
    asks: list(askSchema).meta({ description: 'What was decided, one for each thing judged.' }),
    revoke: orNull(text).meta({ description: 'The command line that takes the pairing back.' }),
  })
  .readonly();

/** What `audit --format json` prints. */
export const auditOutputSchema = z
  .strictObject({
    ok: z.boolean(),
    policy: z.strictObject({ revision: text, files: list(text) }).readonly(),
    counts: z
      .strictObject({ approved: count, 'not-approved': count, refused: count, unknown: count })
      .readonly(),
    devices: list(auditedSchema).meta({ description: 'The worst first; all of them.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy audit output',
    description:
      "What `pair-policy audit --format json` prints: each paired device against today's policy.",
  });

/** What `audit --format json` prints. */
export type AuditOutput = z.infer<typeof auditOutputSchema>;
