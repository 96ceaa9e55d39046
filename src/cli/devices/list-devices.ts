/** The rows of the table that the options ask for. */
import type { PairingStore } from '../../live/index.js';
import type { DevicesOutput } from '../schemas/devices-output.js';
import type { Judge } from '../stores/judge.js';
import { type DeviceRow, deviceRows, type RowSources } from './device-rows.js';
import type { DevicesOptions } from './devices-options.js';

/** What there is of what the options ask for. */
export function listDevices(
  store: PairingStore,
  sources: RowSources,
  options: DevicesOptions,
): DevicesOutput {
  const rows = deviceRows(store, sources).filter((row) => isWanted(row, options));
  return { policy: policyOf(sources.judge), devices: rows };
}

function policyOf(judge: Judge | undefined): DevicesOutput['policy'] {
  return judge ? { revision: judge.policy.revision, files: judge.policy.files } : null;
}

/** The states are alternatives; all else must hold. */
function isWanted(row: DeviceRow, options: DevicesOptions): boolean {
  const { pending, paired, blocked, role, match } = options;
  const states = [
    pending && row.state === 'pending',
    paired && row.state === 'paired',
    blocked && row.blocked !== null,
  ];
  const isAny = !pending && !paired && !blocked;
  return (
    (isAny || states.some((state) => state === true)) &&
    (role === undefined || (row.roles ?? []).includes(role)) &&
    (match === undefined || hasText(row, match.toLowerCase()))
  );
}

function hasText(row: DeviceRow, text: string): boolean {
  const { requestId, deviceId, publicKey, name, remoteIp, clientId, clientMode, platform } = row;
  return [requestId, deviceId, publicKey, name, remoteIp, clientId, clientMode, platform].some(
    (value) => value?.toLowerCase().includes(text),
  );
}
