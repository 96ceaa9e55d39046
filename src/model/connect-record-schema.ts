/** The connect record as data: OpenClaw's own field names, each optional, others kept and ignored. */
import * as z from 'zod';
import { ACTIONS, AUTH_METHODS, KINDS, ROLES } from './words.js';

const text = (description: string) => z.string().optional().meta({ description });
const selfAsserted = (what: string) => text(`${what}. Self-asserted by the client.`);
const texts = (description: string) => z.array(z.string()).optional().meta({ description });
const flag = (description: string) => z.boolean().optional().meta({ description });

const fields = {
  ts: z
    .union([z.int(), z.string()])
    .optional()
    .meta({ description: 'When it was asked: ms since the epoch, or ISO 8601 with an offset.' }),
  requestId: text("The gateway's id of the pending request."),
  deviceId: z.string().optional().meta({
    description: 'sha256 of the raw ed25519 public key: 64 hex digits, case ignored.',
    pattern: '^[0-9a-fA-F]{64}$',
  }),
  publicKey: z.string().optional().meta({
    description: 'The raw ed25519 public key, canonical base64url.',
    pattern: '^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$',
  }),
  remoteIp: text('The address that the gateway attributes to the client. Absent is unknown.'),
  forwarded: flag("Whether `remoteIp` came, or may have come, out of a proxy's header."),
  clientId: selfAsserted('Client id, such as `cli` or `node-host`'),
  clientMode: selfAsserted('Client mode, such as `cli`, `ui` or `node`'),
  clientVersion: selfAsserted('Client version'),
  platform: selfAsserted('Platform, such as `linux`'),
  deviceFamily: selfAsserted('Device family, such as `Mac`'),
  displayName: selfAsserted('Display name'),
  browserOrigin: text('Origin of a browser client, as the browser asserts it.'),
  role: z.enum(ROLES).optional().meta({ description: 'The role asked for last.' }),
  roles: z
    .array(z.enum(ROLES))
    .optional()
    .meta({ description: 'The roles asked for; the union with `role` counts.' }),
  scopes: texts('The scopes asked for; `[]` is known and empty.'),
  commands: texts("A node's declared commands."),
  authMethod: z
    .enum(AUTH_METHODS)
    .optional()
    .meta({ description: 'How the gateway authenticated the connect.' }),
  authUser: text('The verified login; known only with `tailscale` or `trusted-proxy`.'),
  kind: z
    .enum(KINDS)
    .optional()
    .meta({ description: 'What kind of connect it is, relative to what is paired.' }),
  gateway: text('Which gateway this is: a name the operator gives.'),
  gatewayVersion: text("The gateway's release."),
  isRepair: flag('Whether the device is paired already, as the gateway has it.'),
  silent: flag('Whether the gateway would approve without asking, as it has it.'),
};

/** One attempt of a device to connect, as data. */
export const connectRecordSchema = z.looseObject(fields).meta({
  title: 'pair-policy connect record',
  description: 'One connect. What is absent, `null` or of the wrong form is an unknown fact.',
});

/** A line of a recording: a connect record with what must or did become of it. */
export const recordingLineSchema = z
  .looseObject({
    ...fields,
    context: z
      .looseObject({
        now: z.number().optional().meta({ description: 'The time of the decision, in ms.' }),
        ownAddresses: texts("The gateway host's own addresses."),
        limits: z
          .record(
            z.string(),
            z.record(
              z.string(),
              z.array(z.strictObject({ at: z.number(), ask: z.union([z.string(), z.null()]) })),
            ),
          )
          .nullable()
          .optional()
          .meta({
            description: 'The approvals that counted against limits; null: they could not be told.',
          }),
        blocked: flag('Whether the device was on the block list.'),
      })
      .optional()
      .meta({ description: 'What the decision was taken with, in a decision log.' }),
    expect: z
      .enum(ACTIONS)
      .optional()
      .meta({ description: 'The decision that this line must get.' }),
    outcome: z
      .enum(ACTIONS)
      .optional()
      .meta({ description: 'The decision it got when it was live.' }),
  })
  .meta({ title: 'pair-policy recording line', description: 'One line of a JSONL recording.' });

/** A connect record as a caller gives it. */
export type ConnectRecord = z.infer<typeof connectRecordSchema>;
