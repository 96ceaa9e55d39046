/** A change for a person: before it is done, and after. */
import { showText } from '../render/show-value.js';
import { showList, showName } from '../stores/show-device.js';
import type { Paint } from '../terminal.js';
import type { CarriedOut, PlannedChange } from './planned-change.js';

const WIDTH = 10;
const DONE = {
  approve: 'approved',
  reject: 'rejected',
  revoke: 'revoked',
  block: 'blocked',
  unblock: 'unblocked',
} as const;
const GAINS = { approve: 'asks for', reject: 'asks for', revoke: 'loses' } as const;

/** What would be done: to what, with what it asks for or loses, and what speaks against it. */
export function renderPlan(change: PlannedChange, paint: Paint): string {
  const lines = [
    ...(change.publicKey && !change.deviceId ? [['key', change.publicKey] as const] : []),
    ...(change.deviceId
      ? [['device', `${change.deviceId} ${showName(change.name)}`] as const]
      : []),
    ...gainLines(change),
    ...change.about,
  ];
  const shown = lines.map(([label, text]) => `  ${label.padEnd(WIDTH)}${showText(text, 400)}\n`);
  const warnings = change.warnings.map(
    (text) => `  ${paint('yellow', `${'warning'.padEnd(WIDTH)}${showText(text, 400)}`)}\n`,
  );
  return [`${paint('bold', headOf(change))}\n`, ...shown, ...warnings].join('');
}

/** What was done, or that it was not. */
export function renderDone({ change, problem }: CarriedOut, paint: Paint): string {
  if (problem) return `${paint('red', `not done: ${headOf(change)}`)}\n`;
  const role =
    change.action === 'revoke' && change.roles?.length ? ` ${showList(change.roles)}` : '';
  return `${paint('green', DONE[change.action])} ${showText(nameOf(change))}${role}\n`;
}

function headOf(change: PlannedChange): string {
  const store = change.store ? ` (${change.store} store)` : '';
  return showText(`${change.action} ${nameOf(change)}${store}`, 200);
}

function nameOf({ requestId, deviceId, publicKey }: PlannedChange): string {
  return requestId ?? deviceId?.slice(0, 16) ?? publicKey ?? '-';
}

function gainLines(change: PlannedChange): readonly (readonly [string, string])[] {
  const { action, roles, scopes, commands } = change;
  if (action === 'block' || action === 'unblock') return [];
  const what = [
    `role ${roles === null ? 'unknown' : showList(roles)}`,
    `scopes ${scopes === null ? 'unknown' : showList(scopes)}`,
    ...(commands ? [`commands ${showList(commands)}`] : []),
  ];
  return [[GAINS[action], what.join('; ')]];
}
