/**
 * The policy language as zod schemas: the one source of the document's types, of
 * `schemas/policy.schema.json` and of the reference tables. Form only; what names, addresses and
 * bounds mean is checked when the files are merged.
 */
import * as z from 'zod';
import { ACTIONS, AUTH_METHODS, CAUSES, DAYS, KINDS, ROLES } from '../model/index.js';

const NAME_PATTERN = '^[\\p{L}\\p{N}_][\\p{L}\\p{N}._:/-]{0,127}$';
const NAME = new RegExp(NAME_PATTERN, 'u');

/** Whether a text can be the id of a rule or the name of a list or test group. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

const oneOrMore = <T extends z.ZodType>(item: T, description: string, ...examples: string[]) =>
  z.union([item, z.array(item)]).meta({ description, ...(examples.length > 0 && { examples }) });

const glob = (what: string, example: string) =>
  oneOrMore(
    z.string(),
    `${what}: equal to one of them; \`*\` matches any run of characters.`,
    example,
  );

const words = <const T extends readonly string[]>(list: T, description: string) =>
  oneOrMore(z.enum(list), description);

const setForms = (what: string) => ({
  within: z
    .array(z.string())
    .optional()
    .meta({ description: `Each ${what} that is asked for is granted by one listed.` }),
  all: z
    .array(z.string())
    .optional()
    .meta({ description: `What is asked for grants each listed ${what}.` }),
  any: z
    .array(z.string())
    .optional()
    .meta({ description: `What is asked for grants at least one listed ${what}.` }),
  none: z
    .array(z.string())
    .optional()
    .meta({ description: `What is asked for grants none of the listed ${what}s.` }),
});

const roleWord = z.enum(ROLES);
const roleSet = z
  .strictObject({
    within: z.array(roleWord).optional().meta({ description: 'Each role asked for is listed.' }),
    all: z.array(roleWord).optional().meta({ description: 'Each listed role is asked for.' }),
    any: z
      .array(roleWord)
      .optional()
      .meta({ description: 'At least one listed role is asked for.' }),
    none: z.array(roleWord).optional().meta({ description: 'No listed role is asked for.' }),
  })
  .meta({ description: 'The roles asked for, as a set.' });

const time = z
  .strictObject({
    days: oneOrMore(
      z.enum(DAYS),
      'Weekdays in the zone; those on which the hours start.',
    ).optional(),
    between: z
      .string()
      .meta({
        description: 'Hours `HH:MM-HH:MM`, the last minute excluded; may go over midnight.',
        pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$',
        examples: ['09:00-18:00', '22:00-06:00'],
      })
      .optional(),
    zone: z
      .string()
      .meta({ description: 'An IANA time zone; UTC unless named.', examples: ['Europe/Berlin'] })
      .optional(),
  })
  .meta({ description: 'The time of the decision falls into these days and hours.' });

/** The conditions of a `when` or `unless`, by key. All keys must hold; values of a key are alternatives. */
export const conditionsSchema = z
  .strictObject({
    from: oneOrMore(
      z.string(),
      '`remoteIp` is in one of: a CIDR, an address, `@network`, `loopback`, `own-tailnet`, `own-address`, `tailnet`, `private`, `anywhere`. `loopback` and `own-*` also need `forwarded` to be false.',
      'loopback',
      'own-tailnet',
      '@office',
      '192.168.1.0/24',
    ),
    clientId: glob('Client id (self-asserted)', 'node-host'),
    platform: glob('Platform (self-asserted, case ignored)', 'macos*'),
    deviceFamily: glob('Device family (self-asserted, case ignored)', 'iPhone'),
    displayName: glob('Display name (self-asserted)', 'kitchen-*'),
    browserOrigin: glob('Browser origin', 'https://gateway.example'),
    authUser: glob('Verified login (only with `tailscale` or `trusted-proxy`)', '*@example.com'),
    gateway: glob('Name of the gateway, as the operator gave it', 'home'),
    clientMode: oneOrMore(z.string(), 'Client mode (self-asserted): equal to one of them.', 'node'),
    kind: words(KINDS, 'What kind of connect it is: equal to one of them.'),
    authMethod: words(AUTH_METHODS, 'How the gateway authenticated it: equal to one of them.'),
    role: words(ROLES, 'Every role that is asked for is listed (short for `roles: { within }`).'),
    roles: roleSet,
    scopes: z
      .union([z.literal('any-scopes'), z.strictObject(setForms('scope'))])
      .meta({ description: 'The scopes asked for, as a set with implication; or `any-scopes`.' }),
    commands: z
      .union([z.literal('any-commands'), z.strictObject(setForms('command'))])
      .meta({ description: "A node's declared commands, globs allowed; or `any-commands`." }),
    device: oneOrMore(z.string(), 'This device: a deviceId, a publicKey or an `@group`.', '@lost'),
    forwarded: z
      .boolean()
      .meta({ description: "Whether `remoteIp` came, or may have come, out of a proxy's header." }),
    time,
    logic: z
      .json()
      .meta({ description: 'A JSON Logic expression over the facts, by an allow-list.' }),
  })
  .partial();

const limit = z
  .strictObject({
    max: z.int().min(1).meta({ description: 'How many approvals; the next one is held.' }),
    per: z
      .string()
      .meta({
        description: 'The sliding window, such as `30m`, `1h`, `7d`; without it for ever.',
        pattern: '^[1-9][0-9]{0,5}[smhdw]$',
      })
      .optional(),
    by: z
      .enum(['rule', 'remoteIp', 'deviceId', 'authUser'])
      .meta({
        description: 'Counted in all, or for each value; an IPv6 address counts as its /64.',
      })
      .optional(),
  })
  .meta({ description: 'How many approvals this rule gives in a window.' });

const instant = (description: string) =>
  z
    .union([z.string(), z.int()])
    .meta({ description: `${description} ISO 8601 with an offset, or ms.` });

const ruleSchema = z.strictObject({
  id: z.string().meta({ description: 'Names the rule in every decision.', pattern: NAME_PATTERN }),
  description: z.string().optional().meta({ description: 'What the rule is for.' }),
  reason: z.string().optional().meta({ description: 'Told to the person who asks why.' }),
  action: z.enum(ACTIONS).meta({ description: 'What a connect that matches gets.' }),
  when: conditionsSchema.meta({ description: 'All of these must hold.' }),
  unless: conditionsSchema
    .optional()
    .meta({ description: 'Where all of these hold, the rule does not.' }),
  limit: limit.optional(),
  expires: instant('From here on the rule is off.').optional(),
});

const givenSchema = z
  .strictObject({
    now: z
      .union([z.string(), z.int(), z.null()])
      .optional()
      .meta({ description: 'The time of the decision; `null` says that it is unknown.' }),
    ownAddresses: z
      .union([z.array(z.string()), z.null()])
      .optional()
      .meta({ description: "The gateway host's own addresses; `null` says unknown." }),
  })
  .meta({ description: 'The time and the host that a test is decided with.' });

const testSchema = z.strictObject({
  name: z.string().meta({ description: 'A sentence that says what is true.' }),
  given: givenSchema.optional(),
  connect: z
    .record(z.string(), z.json())
    .meta({ description: 'The connect record; what is left out is unknown.' }),
  expect: z
    .union([
      z.enum(ACTIONS),
      z.strictObject({
        action: z.enum(ACTIONS),
        rule: z.union([z.string(), z.null()]).optional(),
        cause: z.enum(CAUSES).optional(),
      }),
    ])
    .meta({ description: 'The decision it must get.' }),
});

const addressLists = z
  .record(z.string(), oneOrMore(z.string(), 'CIDRs and addresses.'))
  .meta({ description: 'Named address lists, used as `@name`.' });

const deviceLists = z
  .record(z.string(), oneOrMore(z.string(), 'deviceIds and publicKeys.'))
  .meta({ description: 'Named lists of deviceIds or publicKeys, used as `@name`.' });

const version = z.literal(1).meta({ description: 'The version of the policy language.' });

/** A policy file. */
export const policyFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version,
    default: z
      .enum(['hold', 'deny'])
      .optional()
      .meta({ description: 'When no rule matches. Never approve.', default: 'hold' }),
    networks: addressLists.optional(),
    devices: deviceLists.optional(),
    rules: z.array(ruleSchema).optional().meta({ description: 'In any order.' }),
    given: givenSchema.optional(),
    tests: z.array(testSchema).optional().meta({ description: "The policy's own tests." }),
  })
  .meta({ title: 'pair-policy policy', description: 'Which devices a gateway pairs by itself.' });

/** A `*.test.yaml` file beside a policy. */
export const testFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    version,
    given: givenSchema.optional(),
    tests: z.array(testSchema),
  })
  .meta({ title: 'pair-policy tests', description: 'Tests of the policy in the same folder.' });

export type RuleDocument = z.infer<typeof ruleSchema>;
export type ConditionsDocument = z.infer<typeof conditionsSchema>;
export type ConditionKey = keyof ConditionsDocument;
export type TestCaseDocument = z.infer<typeof testSchema>;

/** Every condition key, in the order of the reference. */
export const CONDITION_KEYS = Object.keys(conditionsSchema.shape) as readonly ConditionKey[];
