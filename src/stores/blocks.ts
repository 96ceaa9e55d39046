import { createHash } from 'node:crypto';
import type { Block, DeviceNames } from '../live/index.js';
import { isDeviceId, isPublicKey } from '../model/index.js';
import { invalidDevice, unknownDevice } from './store-errors.js';
import { canonicalId } from './tables.js';

/** Whether a text can name a device in a block list. */
export function isDeviceName(text: string): boolean {
  return isDeviceId(text) || isPublicKey(text);
}

/** The blocks by what they name. */
export class Blocks {
  readonly #byName: ReadonlyMap<string, Block>;
  /** Those that name a key, by the id that goes with it: whoever is known by the id alone is found as well. */
  readonly #byKeyId: ReadonlyMap<string, Block>;

  constructor(blocks: Iterable<Block>) {
    this.#byName = new Map([...blocks].map((block) => [canonicalId(block.device), block]));
    const keys = [...this.#byName].filter(([name]) => isPublicKey(name));
    this.#byKeyId = new Map(keys.map(([name, block]) => [idOfKey(name), block]));
  }

  find({ deviceId, publicKey }: DeviceNames): Block | undefined {
    if (this.#byName.size === 0) return undefined;
    const id = deviceId === undefined ? undefined : canonicalId(deviceId);
    const keyId =
      publicKey !== undefined && isPublicKey(publicKey) ? idOfKey(publicKey) : undefined;
    for (const name of [id, publicKey, keyId]) {
      const block = name === undefined ? undefined : this.#byName.get(name);
      if (block) return block;
    }
    return id === undefined ? undefined : this.#byKeyId.get(id);
  }

  all(): readonly Block[] {
    return [...this.#byName.values()];
  }

  /** With one more, or another instead of the one that there is for this device. */
  with(block: Block): Blocks {
    if (!isDeviceName(block.device)) throw invalidDevice(block.device);
    const blocks = new Map(this.#byName);
    const device = canonicalId(block.device);
    return new Blocks(blocks.set(device, { ...block, device }).values());
  }

  without(device: string): Blocks {
    const blocks = new Map(this.#byName);
    if (!blocks.delete(canonicalId(device))) throw unknownDevice(device);
    return new Blocks(blocks.values());
  }
}

function idOfKey(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
}
