import { type OwnPairingStore, watchFiles } from '../live/index.js';
import { PairPolicyError } from '../model/index.js';
import { BlockFile } from './block-file.js';
import { FileKeeper } from './file-keeper.js';
import { FileTables } from './file-tables.js';
import { StoreListeners } from './listeners.js';
import { createOwnStore, type Keeper } from './own-store.js';
import type { PendingBounds } from './pending-room.js';

export interface PairingStoreOptions extends PendingBounds {
  /** The clock, in ms since the epoch. */
  readonly now?: () => number;
  /** How often it is written down when devices were seen and asked again; once a minute unless given. */
  readonly seenMs?: number;
  /** False to read the files only when something is written, or on `refresh()`. */
  readonly watch?: boolean;
}

/**
 * Opens the pairing stores in a gateway's state folder: `devices/*.json`, `nodes/*.json`, and our block list beside
 * them. Files that are not there count as empty; one that cannot be read fails with `STORE_UNREADABLE`.
 */
export async function openPairingStore(
  stateDir: string,
  options: PairingStoreOptions = {},
): Promise<OwnPairingStore> {
  const { now = Date.now, seenMs = 60_000, watch = true } = options;
  const listeners = new StoreListeners();
  const tables = new FileTables(stateDir, now);
  const blocks = new BlockFile(stateDir, () => listeners.tell('changed', { deviceIds: 'all' }));
  const keeper = new FileKeeper({ stateDir, tables, listeners, now, seenMs });
  const bare = withBlocks(keeper, blocks, listeners);
  const all = watch ? await withWatch(bare, [...tables.paths(), blocks.path]) : bare;
  const problems = [...(await blocks.reread()), ...(await keeper.open())];
  if (problems.length === 0) return createOwnStore(all, blocks, listeners, { ...options, now });
  await all.close();
  throw new PairPolicyError(problems);
}

/** The keeper with the block list, which is read again and closed with it. */
function withBlocks(keeper: FileKeeper, blocks: BlockFile, listeners: StoreListeners): Keeper {
  return {
    tables: keeper.tables,
    commit: (change) => keeper.commit(change),
    noteSeen: (deviceId, at) => keeper.noteSeen(deviceId, at),
    noteAsked: (request, at) => keeper.noteAsked(request, at),
    refresh: async () => {
      // The list of those who are refused comes first.
      const problems = await blocks.reread();
      if (problems.length > 0) listeners.tell('problem', problems);
      await keeper.refresh();
    },
    close: async () => {
      await keeper.close();
      await blocks.idle();
    },
  };
}

/** The same, and each change of a file is taken over as soon as it is whole. */
async function withWatch(keeper: Keeper, paths: readonly string[]): Promise<Keeper> {
  const watch = watchFiles({ paths: () => paths }, () => keeper.refresh());
  // What changes from here on is noticed, and what changed before is read after.
  await watch.ready;
  return {
    ...keeper,
    close: async () => {
      await watch.close();
      await keeper.close();
    },
  };
}
