/** `revoke`: takes a pairing back, after it was shown. */
import type { PairedDevice } from '../../live/index.js';
import { PairPolicyError, startOf } from '../../model/index.js';
import { carryOut } from '../change/carry-out.js';
import type { ChangeOptions } from '../change/change-options.js';
import { planRevoke } from '../change/planned-change.js';
import type { ExitCode } from '../exit-code.js';
import { findPaired } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import { showList } from '../stores/show-device.js';
import type { Terminal } from '../terminal.js';

/** What can be said on the command line. */
interface RevokeOptions extends ChangeOptions {
  readonly role?: string;
}

/** Revokes the devices that the ids name: all of them are found before any is. */
export async function revoke(
  ids: readonly string[],
  options: RevokeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { role } = options;
  return await withStore(options, terminal, async (store) => {
    const found = ids.map((id) => findPaired(store, id, 'revoke'));
    const devices = new Map(found.map((device) => [device.deviceId, device]));
    for (const device of devices.values()) if (role !== undefined) refuseOther(device, role);
    const plan = [...devices.values()].map((device) => planRevoke(store, device, role));
    return await carryOut('revoke', plan, options, terminal);
  });
}

function refuseOther({ deviceId, roles }: PairedDevice, role: string): void {
  if (roles.includes(role)) return;
  throw new PairPolicyError([
    {
      ...startOf('revoke'),
      severity: 'error',
      code: 'UNKNOWN_DEVICE',
      message: `the device ${deviceId.slice(0, 16)} is not paired as ${role}`,
      hint: `it is paired as ${showList(roles)}`,
    },
  ]);
}
