/** The block list alone, for a store that is not ours to keep. */
import { type BlockList, watchFiles } from '../live/index.js';
import { PairPolicyError, type Problem } from '../model/index.js';
import { BlockFile } from './block-file.js';

/** A block list that is followed until it is closed. */
export interface OpenBlockList extends BlockList {
  close(): Promise<void>;
}

export interface BlockListOptions {
  /** Is told when the list cannot be used; then the last good one stays in force. */
  readonly onProblem?: (problems: readonly Problem[]) => void;
  /** Is told when it has changed. */
  readonly onChange?: () => void;
}

/**
 * Opens the block list in a state folder, and follows it. One that cannot be read fails with `STORE_UNREADABLE`: unread,
 * it would let in whom it names.
 */
export async function openBlockList(
  stateDir: string,
  { onProblem = () => {}, onChange = () => {} }: BlockListOptions = {},
): Promise<OpenBlockList> {
  const file = new BlockFile(stateDir, onChange);
  const problems = await file.reread();
  if (problems.length > 0) throw new PairPolicyError(problems);
  const watch = watchFiles({ paths: () => [file.path] }, async () => {
    const found = await file.reread();
    if (found.length > 0) onProblem(found);
  });
  return {
    find: (device) => file.find(device),
    all: () => file.all(),
    add: (block) => file.add(block),
    remove: (device) => file.remove(device),
    close: async () => {
      await watch.close();
      await file.idle();
    },
  };
}
