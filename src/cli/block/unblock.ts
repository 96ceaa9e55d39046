/** `unblock`: a device is left to the policy again. */
import type { Block, PairingStore } from '../../live/index.js';
import { carryOut } from '../change/carry-out.js';
import type { ChangeOptions } from '../change/change-options.js';
import type { PlannedChange } from '../change/planned-change.js';
import type { ExitCode } from '../exit-code.js';
import { findBlock } from '../stores/match-id.js';
import { withStore } from '../stores/open-store.js';
import { showAge } from '../stores/show-device.js';
import type { Terminal } from '../terminal.js';

/** Takes the devices that the ids name off the block list. */
export async function unblock(
  ids: readonly string[],
  options: ChangeOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  return await withStore(options, terminal, async (store) => {
    const found = ids.map((id) => findBlock(store, id, 'unblock'));
    const blocks = new Map(found.map((block) => [block.device, block]));
    const plan = [...blocks.values()].map((block) => planUnblock(block, store, terminal.now()));
    return await carryOut('unblock', plan, options, terminal);
  });
}

function planUnblock(
  { device, reason, since }: Block,
  store: PairingStore,
  now: number,
): PlannedChange {
  const isId = /^[0-9a-f]{64}$/.test(device);
  return {
    action: 'unblock',
    requestId: null,
    store: null,
    deviceId: isId ? device : null,
    publicKey: isId ? null : device,
    name: null,
    roles: null,
    scopes: null,
    commands: null,
    about: [
      ['blocked', `${showAge(since, now)} ago`],
      ...(reason === undefined ? [] : [['reason', reason] as const]),
    ],
    warnings: [],
    decision: null,
    run: () => store.blocks.remove(device),
  };
}
