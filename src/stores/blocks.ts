import type { Block, DeviceNames } from '../live/index.js';
import { unknownDevice } from './store-errors.js';
import { canonicalId } from './tables.js';

/** The blocks by what they name; ids in lower case. */
export class Blocks {
  readonly #byName: ReadonlyMap<string, Block>;

  constructor(blocks: Iterable<Block>) {
    this.#byName = new Map([...blocks].map((block) => [canonicalId(block.device), block]));
  }

  find({ deviceId, publicKey }: DeviceNames): Block | undefined {
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
