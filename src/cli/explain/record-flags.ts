/** The flags of `explain` that say what a connect record would: one for each field. */
import { type FactName, type Facts, normaliseRecord, startOf } from '../../model/index.js';
import { type ProblemList, quote } from '../../policy/index.js';
import type { RawRecord } from '../../simulate/index.js';

/** What can be said of a connect on the command line, as it was said. */
export interface RecordFlags {
  readonly remoteIp?: string;
  readonly role?: readonly string[];
  readonly scope?: readonly string[];
  /** False for `--no-scopes`. */
  readonly scopes?: boolean;
  readonly command?: readonly string[];
  /** False for `--no-commands`. */
  readonly commands?: boolean;
  readonly clientId?: string;
  readonly clientMode?: string;
  readonly platform?: string;
  readonly deviceFamily?: string;
  readonly displayName?: string;
  readonly browserOrigin?: string;
  readonly kind?: string;
  readonly authMethod?: string;
  readonly authUser?: string;
  readonly gateway?: string;
  readonly deviceId?: string;
  readonly publicKey?: string;
  readonly forwarded?: string;
  readonly ts?: string;
}

/** Facts that flags say, with the flag that says each. */
export type FlagOfFact = ReadonlyMap<FactName, string>;

const TEXT_FLAGS = [
  'remoteIp',
  'clientId',
  'clientMode',
  'platform',
  'deviceFamily',
  'displayName',
  'browserOrigin',
  'kind',
  'authMethod',
  'authUser',
  'gateway',
  'deviceId',
  'publicKey',
] as const;

/** The flag that says a fact, where there is one: `--remote-ip` for `remoteIp`. */
export function flagOf(fact: FactName): string | undefined {
  if (fact === 'now') return '--now';
  if (fact === 'ownAddresses') return '--own-address';
  if (fact === 'roles') return '--role';
  if (fact === 'scopes') return '--scope';
  if (fact === 'commands') return '--command';
  const isFlag = fact === 'forwarded' || fact === 'ts' || TEXT_FLAGS.some((one) => one === fact);
  return isFlag
    ? `--${fact.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}`
    : undefined;
}

/** Puts what the flags say in the place of what the record says. */
export function withFlags(
  record: RawRecord,
  flags: RecordFlags,
  problems: ProblemList,
): { readonly record: RawRecord; readonly said: FlagOfFact } {
  const fields = fieldsOf(flags, problems);
  const said = new Map(
    Object.keys(fields).map((fact) => [fact as FactName, flagOf(fact as FactName) ?? '']),
  );
  const merged: Record<string, unknown> = { ...record, ...fields };
  if ('roles' in fields) delete merged['role'];
  // Another id or key is another device: the record's counterpart is not its.
  if ('deviceId' in fields && !('publicKey' in fields)) delete merged['publicKey'];
  if ('publicKey' in fields && !('deviceId' in fields)) delete merged['deviceId'];
  const facts = normaliseRecord(merged);
  for (const [fact, flag] of said) {
    if (facts[fact as keyof Facts] !== undefined) continue;
    const message = `${quote(fields[fact])} cannot be used`;
    problems.error('ARGUMENT', startOf(flag), message, hintFor(fact));
  }
  return { record: merged, said };
}

function fieldsOf(flags: RecordFlags, problems: ProblemList): RawRecord {
  const { role, scope, command, forwarded, ts } = flags;
  const fields: Record<string, unknown> = {};
  for (const name of TEXT_FLAGS) if (flags[name] !== undefined) fields[name] = flags[name];
  if (role) fields['roles'] = role;
  if (scope) fields['scopes'] = scope;
  if (command) fields['commands'] = command;
  for (const [name, list] of [
    ['scopes', scope],
    ['commands', command],
  ] as const) {
    if (flags[name] !== false) continue;
    if (list) {
      const message = `beside \`--${name.slice(0, -1)}\` it says two things`;
      problems.error('ARGUMENT', startOf(`--no-${name}`), message, 'keep one of them');
    } else {
      fields[name] = [];
    }
  }
  if (forwarded !== undefined) fields['forwarded'] = asBoolean(forwarded);
  if (ts !== undefined) fields['ts'] = /^-?\d+$/.test(ts) ? Number(ts) : ts;
  return fields;
}

function asBoolean(text: string): unknown {
  return text === 'true' ? true : text === 'false' ? false : text;
}

function hintFor(fact: FactName): string {
  const hints: Partial<Record<FactName, string>> = {
    remoteIp: 'write an address such as `192.168.1.20`',
    deviceId: 'a deviceId is 64 hex digits',
    publicKey: 'a publicKey is 43 characters of canonical base64url',
    roles: 'a role is `operator` or `node`',
    scopes: 'a scope has no white space; `--no-scopes` says that none is asked for',
    forwarded: 'write `true` or `false`',
    authUser: 'a login is known only beside `--auth-method tailscale` or `trusted-proxy`',
    ts: 'write `2026-12-01T09:00:00Z`, an offset included, or ms since the epoch',
  };
  return hints[fact] ?? 'docs/reference/facts.md says what each fact looks like';
}
