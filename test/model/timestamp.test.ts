import { expect, test } from 'vitest';
import { isTimestamp, parseTimestamp } from '../../src/model/index.js';
import { parseTime } from '../reference/time.js';

const NOON = Date.UTC(2026, 11, 1, 12);

test.each<[unknown, number]>([
  ['2026-12-01T12:00Z', NOON],
  ['2026-12-01T12:00:00Z', NOON],
  ['2026-12-01T12:00:00.5Z', NOON + 500],
  ['2026-12-01T12:00:00.123Z', NOON + 123],
  ['2026-12-01T12:00:00.123999999Z', NOON + 123],
  ['2026-12-01T13:30:00+01:30', NOON],
  ['2026-11-30T18:00:00-18:00', NOON],
  ['2026-12-01T12:00:00+00:00', NOON],
  ['2026-12-01T12:00:00-00:00', NOON],
  ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
  ['2000-02-29T00:00:00Z', Date.UTC(2000, 1, 29)],
  ['1970-01-01T00:00:00Z', 0],
  ['0000-01-01T00:00:00Z', -62_167_219_200_000],
  ['0050-01-01T00:00:00Z', Date.parse('0050-01-01T00:00:00Z')],
  ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
  [0, 0],
  [-1, -1],
  [NOON, NOON],
  [8.64e15, 8.64e15],
  [-8.64e15, -8.64e15],
])('%j is %d', (value, expected) => {
  expect(parseTimestamp(value)).toBe(expected);
  if (typeof value === 'string') expect(parseTime(value)).toBe(expected);
});

test.each<[unknown]>([
  [''],
  ['2026-12-01'],
  ['2026-12-01T12Z'],
  ['2026-12-01T12:00:00'],
  ['2026-12-01 12:00:00Z'],
  ['2026-12-01t12:00:00z'],
  ['2026-12-01T12:00:00 Z'],
  ['2026-12-01T12:00:00+01'],
  ['2026-12-01T12:00:00+0100'],
  ['2026-12-01T12:00:00+24:00'],
  ['2026-12-01T12:00:00+01:60'],
  ['2026-12-01T12:00:00.Z'],
  ['2026-12-01T12:00:00,5Z'],
  ['2026-12-01T12:00:00.0123456789Z'],
  ['2026-12-01T24:00:00Z'],
  ['2026-12-01T12:60:00Z'],
  ['2026-12-01T12:00:60Z'],
  ['2026-02-29T12:00:00Z'],
  ['1900-02-29T12:00:00Z'],
  ['2026-04-31T12:00:00Z'],
  ['2026-00-01T12:00:00Z'],
  ['2026-13-01T12:00:00Z'],
  ['2026-12-00T12:00:00Z'],
  ['+02026-12-01T12:00:00Z'],
  ['2026-12-01T12:00:00Z\n'],
  [' 2026-12-01T12:00:00Z'],
  ['1764579600000'],
  [1.5],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [8.64e15 + 2],
  [-8.64e15 - 2],
  [null],
  [undefined],
  [true],
  [new Date(0)],
  [0n],
])('%s is no time', (value) => {
  expect(parseTimestamp(value)).toBeUndefined();
  if (typeof value === 'string') expect(parseTime(value)).toBeUndefined();
  else expect(isTimestamp(value)).toBe(false);
});
