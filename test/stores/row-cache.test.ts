import { expect, test } from 'vitest';
import { RowCache } from '../../src/stores/row-cache.js';
import { encodeEntry, type StoredEntry } from '../../src/stores/stored-entry.js';

/** An entry that counts how often it is parsed. */
function countedEntry(key: string) {
  const entry = encodeEntry(key, { roles: ['operator'], tokens: { operator: { token: key } } });
  const count = { parsed: 0 };
  const parse = entry.row.bind(entry);
  entry.row = () => {
    count.parsed += 1;
    return parse();
  };
  return { entry, count };
}

test('a row is parsed once as long as it is looked at', () => {
  const cache = new RowCache(2);
  const kept = countedEntry('kept');
  const row = cache.of(kept.entry);
  for (let i = 0; i < 50; i += 1) {
    cache.of(countedEntry(`other ${i}`).entry);
    expect(cache.of(kept.entry)).toBe(row);
  }
  expect(kept.count.parsed).toBe(1);
});

test('a row that nobody looks at is forgotten', () => {
  const cache = new RowCache(2);
  const { entry, count } = countedEntry('forgotten');
  cache.of(entry);
  for (let i = 0; i < 4; i += 1) cache.of(countedEntry(`other ${i}`).entry);
  cache.of(entry);
  expect(count.parsed).toBe(2);
});

test('nobody who is handed a row can change what is in force', () => {
  const entry: StoredEntry = encodeEntry('device', {
    roles: ['operator'],
    tokens: { a: { n: 1 } },
  });
  const row = new RowCache().of(entry);
  const isFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isFrozen));
  expect(isFrozen(row)).toBe(true);
});
