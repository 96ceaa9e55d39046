/** Approves devices in a state folder, many at once, and says each number the moment that it is approved. */
import { writeSync } from 'node:fs';
import { openPairingStore } from '../../../src/stores/index.js';
import { askNo } from '../asks.js';

const [stateDir = '', from = '0', count = '0', atOnce = '16'] = process.argv.slice(2);
const store = await openPairingStore(stateDir);
const numbers = Array.from({ length: Number(count) }, (_, i) => Number(from) + i);
const approveNext = async (): Promise<void> => {
  for (let next = numbers.shift(); next !== undefined; next = numbers.shift()) {
    await store.approve(await store.request(askNo(next)));
    // Down to the pipe at once: what is said was answered, also if this is the last that it does.
    writeSync(1, `${next}\n`);
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, approveNext));
await store.close();
