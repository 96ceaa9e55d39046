/** `block`: a device is refused from now on, and has nothing left. */
import type { PairingStore } from '../../live/index.js';
import { carryOut } from '../change/carry-out.js';
import type { ChangeOptions } from '../change/change-options.js';
import { type PlannedChange, planRequest, planRevoke } from '../change/planned-change.js';
import type { ExitCode } from '../exit-code.js';
import { findDevice } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import type { Terminal } from '../terminal.js';

/** What can be said on the command line. */
interface BlockOptions extends ChangeOptions {
  readonly reason?: string;
}

/** Blocks the devices that the ids name, rejects what they ask for, and revokes them, in this order. */
export async function block(
  ids: readonly string[],
  options: BlockOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return await withStore(options, terminal, async (store) => {
    const devices = new Set(ids.map((id) => findDevice(store, id, 'block')));
    const plan = [...devices].flatMap((device) =>
      planBlock(device, store, options.reason, terminal.now()),
    );
    return await carryOut('block', plan, options, terminal);
  });
}

function planBlock(
  device: string,
  store: PairingStore,
  reason: string | undefined,
  since: number,
): readonly PlannedChange[] {
  const paired = store.paired(device);
  const pending = store.pendingOf(device);
  const block: PlannedChange = {
    action: 'block',
    requestId: null,
    store: null,
    deviceId: device,
    publicKey: paired?.publicKey ?? null,
    name: paired?.displayName ?? null,
    roles: null,
    scopes: null,
    commands: null,
    about: [
      ...(reason === undefined ? [] : [['reason', reason] as const]),
      ...(paired || pending.length > 0
        ? []
        : [['note', 'nothing here is of this device'] as const]),
    ],
    warnings: [],
    decision: null,
    run: async () => {
      await store.blocks.add({ device, reason, since });
      // It may have been paired while it was asked whether this is meant.
      if (!paired) await revokeIfPaired(device, store);
    },
  };
  return [
    // First of all: from here on it is refused, whatever becomes of the rest.
    block,
    ...pending.map((request) => planRequest('reject', request, () => store.reject(request))),
    ...(paired ? [planRevoke(store, paired)] : []),
  ];
}

async function revokeIfPaired(device: string, store: PairingStore): Promise<void> {
  await store.refresh();
  if (store.paired(device)) await store.revoke(device);
}
