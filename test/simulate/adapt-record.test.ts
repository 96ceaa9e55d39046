import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { adaptRecord } from '../../src/simulate/index.js';

const publicKey = 'jN3WDHk0BGbMwZ8XUvu5KKmKBtj7d9w6cKcc9DqIRgo';
const deviceId = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex');
const other = 'f'.repeat(64);

describe('an adapter', () => {
  const kept: [string, Record<string, unknown>, Record<string, unknown>][] = [
    ['derives an absent id from the key', { publicKey }, { publicKey, deviceId }],
    ['keeps a pair that fits', { publicKey, deviceId }, { publicKey, deviceId }],
    [
      'ignores the case of the id',
      { publicKey, deviceId: deviceId.toUpperCase() },
      { publicKey, deviceId: deviceId.toUpperCase() },
    ],
    ['leaves a null id unknown', { publicKey, deviceId: null }, { publicKey, deviceId: null }],
    ['leaves a malformed id alone', { publicKey, deviceId: 'x' }, { publicKey, deviceId: 'x' }],
    ['leaves a lone id alone', { deviceId: other }, { deviceId: other }],
    ['derives nothing from a malformed key', { publicKey: 'x' }, { publicKey: 'x' }],
    ['derives nothing from a key that is no text', { publicKey: 7 }, { publicKey: 7 }],
  ];
  it.each(kept)('%s', (_name, record, adapted) => {
    expect(adaptRecord(record)).toEqual({ record: adapted });
  });

  it('refuses an id that is not that of the key', () => {
    expect(adaptRecord({ publicKey, deviceId: other })).toMatchObject({
      fault: { code: 'RECORD_DEVICE_MISMATCH' },
    });
  });

  it('does not change the record that it is given', () => {
    const record = Object.freeze({ publicKey });
    adaptRecord(record);
    expect(record).toEqual({ publicKey });
  });
});
