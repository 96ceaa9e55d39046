import type { BlockList } from '../live/index.js';
import { Blocks } from './blocks.js';

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
