import * as z from 'zod';
import { decisionSchema } from '../../model/index.js';

const text = z.string();
const list = <T extends z.ZodType>(item: T) => z.array(item).readonly();
const orNull = <T extends z.ZodType>(item: T) => z.union([item, z.null()]);
const moment = (description: string) =>
  orNull(z.number()).meta({ description: `${description}, in ms since the epoch.` });

/** One device or request as `devices` has it. */
const deviceSchema = z
  .strictObject({
    state: z.enum(['pending', 'paired', 'blocked']).meta({
      description: 'What waits, what is paired, and what is blocked and neither.',
    }),
    stores: list(z.enum(['device', 'node'])).meta({
      description: "In which of the gateway's stores it is.",
    }),
    id: text.meta({ description: 'A beginning of its id that nothing else here has.' }),
    requestId: orNull(text),
    deviceId: orNull(text),
    publicKey: orNull(text),
    name: orNull(text).meta({ description: 'What it calls itself.' }),
    roles: orNull(list(text)).meta({ description: 'What it asks to be, or is; null: unknown.' }),
    scopes: orNull(list(text)).meta({
      description: 'What it asks for, or has; null where that is unknown.',
    }),
    commands: orNull(list(text)).meta({
      description: 'Those of a node that are asked for or approved; null without any.',
    }),
    remoteIp: orNull(text),
    clientId: orNull(text),
    clientMode: orNull(text),
    platform: orNull(text),
    since: moment('When it was asked, paired or blocked'),
    expiresAt: moment('When a request will be gone'),
    lastSeen: moment('When a paired device was last seen, as far as the store knows'),
    approvedBy: orNull(z.strictObject({ rule: orNull(text), at: z.number() }).readonly()).meta({
      description: 'The approval in the decision log, where there is one.',
    }),
    blocked: orNull(z.strictObject({ reason: orNull(text), since: z.number() }).readonly()),
    decision: orNull(decisionSchema).meta({
      description: 'What the policy of today says of a request; null without a policy.',
    }),
  })
  .readonly();

/** What `devices --format json` prints. */
export const devicesOutputSchema = z
  .strictObject({
    policy: orNull(z.strictObject({ revision: text, files: list(text) }).readonly()),
    devices: list(deviceSchema).meta({ description: 'Pending, then paired, then blocked.' }),
  })
  .readonly()
  .meta({
    title: 'pair-policy devices output',
    description: 'What `pair-policy devices --format json` prints: who waits and who is paired.',
  });

/** What `devices --format json` prints. */
export type DevicesOutput = z.infer<typeof devicesOutputSchema>;
