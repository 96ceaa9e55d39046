import type { AddressSource, Condition, SetForms } from '../../../src/policy/index.js';

type Fields = Record<string, unknown>;

/** The record with its fields changed so that it comes near to satisfying the conditions. `turn` varies how. */
export function fitRecord(record: unknown, conditions: readonly Condition[], turn: number): Fields {
  const base = typeof record === 'object' && record !== null ? { ...record } : {};
  return Object.assign({}, base, ...conditions.map((condition) => fieldsFor(condition, turn)));
}

/** The host's own addresses with which the conditions on `from` can hold for the record. */
export function ownAddressesFor(record: Fields): string[] {
  return typeof record['remoteIp'] === 'string' ? [record['remoteIp']] : ['100.101.102.103'];
}

function fieldsFor(condition: Condition, turn: number): Fields {
  switch (condition.key) {
    case 'from':
      return fieldsForSource(pick(condition.sources, turn), turn);
    case 'role':
    case 'roles':
      return { role: undefined, roles: membersFor(condition.forms, turn, ['operator', 'node']) };
    case 'scopes':
    case 'commands':
      return {
        [condition.key]:
          condition.forms === 'anything' ? [] : membersFor(condition.forms, turn, []),
      };
    case 'device':
      return {
        ...(condition.ids.length > 0 && { deviceId: pick(condition.ids, turn) }),
        ...(condition.keys.length > 0 && { publicKey: pick(condition.keys, turn) }),
      };
    case 'forwarded':
      return { forwarded: condition.value };
    case 'time':
    case 'logic':
      return {};
    case 'authUser':
      return { authMethod: 'tailscale', authUser: textOf(pick(condition.patterns, turn)) };
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return { [condition.key]: pick(condition.words, turn) };
    default:
      return { [condition.key]: textOf(pick(condition.patterns, turn)) };
  }
}

function fieldsForSource(source: AddressSource | undefined, turn: number): Fields {
  if (source?.kind === 'networks')
    return { remoteIp: pick(source.networks, turn)?.text.split('/')[0] };
  if (source?.kind === 'loopback') return { remoteIp: '127.0.0.1', forwarded: false };
  if (source?.kind === 'anywhere') return {};
  return { remoteIp: turn % 2 ? '100.101.102.103' : '10.0.0.0', forwarded: false };
}

function membersFor(forms: SetForms, turn: number, otherwise: readonly string[]): string[] {
  const asked = [
    ...(forms.all ?? []),
    ...(forms.any ? [pick(forms.any, turn)] : []),
    ...(turn % 3 ? [pick(forms.within ?? otherwise, turn)] : []),
  ];
  return asked.filter((member) => member !== undefined).map(textOf);
}

function textOf(pattern: string | undefined): string {
  return (pattern ?? '').replaceAll('*', '');
}

function pick<T>(list: readonly T[], turn: number): T | undefined {
  return list[turn % Math.max(1, list.length)];
}
