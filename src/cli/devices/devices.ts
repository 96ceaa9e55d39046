/** `devices`: who waits and who is paired, in both stores. */
import type { PairingStore } from '../../live/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { renderJson } from '../render/render-json.js';
import type { DevicesOutput } from '../schemas/devices-output.js';
import { findJudge, type Judge } from '../stores/judge.js';
import { withStore } from '../stores/open-store.js';
import { type Terminal, write } from '../terminal.js';
import { readApprovals } from './approvals.js';
import { type DeviceRow, deviceRows, type RowSources } from './device-rows.js';
import type { DevicesOptions } from './devices-options.js';
import { renderDevices } from './render-devices.js';

/** Lists once, or with `--watch` until it is interrupted. */
export async function devices(options: DevicesOptions, terminal: Terminal): Promise<ExitCode> {
  const judge = await findJudge(options, terminal);
  await withStore(options, terminal, async (store) => {
    if (options.watch) {
      const { watchDevices } = await import('./watch-devices.js');
      return await watchDevices(store, judge, options, terminal);
    }
    const sources = { judge, approvals: await readApprovals(options, terminal) };
    const output = listDevices(store, sources, options);
    await write(terminal.stdout, renderOnce(output, options, terminal));
  });
  return EXIT.fine;
}

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

function renderOnce(output: DevicesOutput, options: DevicesOptions, terminal: Terminal): string {
  return options.format === 'json' ? renderJson(output) : renderDevices(output, terminal);
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
