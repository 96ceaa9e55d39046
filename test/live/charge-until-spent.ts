/** Charges one limit until it is spent, three at a time, and prints what it was given room for. */
import { openLimitFile } from '../../src/live/index.js';
import type { LimitCharge } from '../../src/model/index.js';

const [file = '', prefix = '', max = '0'] = process.argv.slice(2);
const limits = await openLimitFile(file);
const limit = { max: Number(max), perMs: undefined, by: 'rule' as const };

async function chargeOne(ask: string): Promise<boolean> {
  const charge: LimitCharge = { rule: 'r', key: '', at: 1, ask };
  try {
    await limits.charge(charge, limit);
  } catch (error) {
    if (String(error).includes('LIMIT_SPENT')) return false;
    throw error;
  }
  process.stdout.write(`${ask}\n`);
  return true;
}

for (let at = 0; ; at += 1) {
  const given = await Promise.all([0, 1, 2].map((n) => chargeOne(`${prefix}${at}-${n}`)));
  if (given.includes(false)) break;
}
await limits.close();
