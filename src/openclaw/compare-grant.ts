/** What a gateway has paired against what was decided: it may have changed on the way, or merged something in. */
import type { PairedDevice, PendingRequest } from '../live/index.js';
import { normaliseRecord, scopeGrants } from '../model/index.js';
import { fieldsOf, textsOf } from './gateway-hello.js';

const SELF_ASSERTED = [
  'displayName',
  'platform',
  'deviceFamily',
  'clientId',
  'clientMode',
] as const;

/** In what the paired device goes beyond, or differs from, the request that was decided; empty where it does not. */
export function compareGrant(
  request: PendingRequest,
  granted: PairedDevice,
  before: PairedDevice | undefined,
): readonly string[] {
  const { record } = request;
  const facts = normaliseRecord(record);
  const known = before?.publicKey === granted.publicKey ? before : undefined;
  const roles = [...(facts.roles ?? []), ...(known?.roles ?? [])];
  const scopes = [...(facts.scopes ?? []), ...(known?.scopes ?? [])];
  // What a request does not say, the gateway keeps as it was.
  const expected = (name: (typeof SELF_ASSERTED)[number]) => record[name] ?? known?.[name] ?? '';
  return [
    ...(granted.deviceId === request.deviceId ? [] : [`it is the device ${granted.deviceId}`]),
    ...(granted.publicKey === record.publicKey ? [] : ['it has another key']),
    ...granted.roles
      .filter((role) => !roles.includes(role))
      .map((role) => `it has the role ${role}`),
    ...granted.scopes
      .filter((scope) => !scopes.some((one) => scopeGrants(one, scope)))
      .map((scope) => `it has the scope ${scope}`),
    ...SELF_ASSERTED.filter((name) => (granted[name] ?? '') !== expected(name)).map(
      (name) => `its ${name} is ${JSON.stringify(granted[name] ?? '')}`,
    ),
  ];
}

/** The commands that a node was given beyond those of the request; where they cannot be told, that is said. */
export function compareCommands({ record }: PendingRequest, node: unknown): readonly string[] {
  const { nodeId, commands = [] } = fieldsOf(node);
  const granted = nodeId === undefined ? undefined : textsOf(commands);
  if (!granted) return ['the gateway did not say which commands it approved'];
  const asked: readonly unknown[] = Array.isArray(record.commands) ? record.commands : [];
  return granted
    .filter((command) => !asked.includes(command))
    .map((command) => `it has the command ${JSON.stringify(command)}`);
}

/** Whether a request still is what it was: all that a decision can read of it. */
export function isSameRequest(a: PendingRequest, b: PendingRequest): boolean {
  return a === b || (a.requestId === b.requestId && askOf(a) === askOf(b));
}

function askOf({ record }: PendingRequest): string {
  const { ts: _, ...ask } = record;
  return JSON.stringify(Object.entries(ask).sort(([x], [y]) => (x < y ? -1 : 1)));
}
