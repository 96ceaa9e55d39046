import type { Block, BlockList } from '../live/index.js';
import { unknownDevice } from './store-errors.js';
import { canonicalId } from './tables.js';

/** The blocks by what they name; ids in lower case. */
export class Blocks {
  readonly #byName: ReadonlyMap<string, Block>;

  constructor(blocks: Iterable<Block>) {
    this.#byName = new Map([...blocks].map((block) => [canonicalId(block.device), block]));
  }

  find({ deviceId, publicKey }: Parameters<BlockList['find']>[0]): Block | undefined {
    for (const name of [deviceId, publicKey]) {
      const block = name === undefined ? undefined : this.#byName.get(canonicalId(name));
      if (block) return block;
    }
    return undefined;
  }

  all(): readonly Block[] {
    return [...this.#byName.values()];
  }

  has(device: string): boolean {
    return this.#byName.has(canonicalId(device));
  }

  with(block: Block): Blocks {
    return new Blocks([...this.all(), { ...block, device: canonicalId(block.device) }]);
  }

  without(device: string): Blocks {
    if (!this.has(device)) throw unknownDevice(device);
    return new Blocks(this.all().filter((block) => block.device !== canonicalId(device)));
  }
}

/** A block list that ends with the process. */
export function createMemoryBlockList(onChange: () => void): BlockList {
  let blocks = new Blocks([]);
  return {
    find: (device) => blocks.find(device),
    all: () => blocks.all(),
    add: async (block) => {
      blocks = blocks.with(block);
      onChange();
    },
    remove: async (device) => {
      blocks = blocks.without(device);
      onChange();
    },
  };
}
