import { describe, expect, it } from 'vitest';
import { momentOf, type ReplaySetup } from '../../src/simulate/index.js';

const AT = Date.UTC(2026, 0, 2);
const ISO = '2026-01-02T00:00:00Z';

describe('the time of a replayed decision', () => {
  const cases: [string, Record<string, unknown>, ReplaySetup, number | undefined][] = [
    ['is what the replay is told', { ts: 1, context: { now: 2 } }, { now: AT }, AT],
    ['else what the record was decided with', { ts: 1, context: { now: AT } }, {}, AT],
    ['which may be ISO 8601', { ts: 1, context: { now: ISO } }, {}, AT],
    ['else when it was asked', { ts: AT }, {}, AT],
    ['also where the context says nothing', { ts: AT, context: { now: null } }, {}, AT],
    ['also where the context is none', { ts: AT, context: [2] }, {}, AT],
    [
      'is unknown where the context is malformed',
      { ts: 1, context: { now: 'noon' } },
      {},
      undefined,
    ],
    ['is unknown where nothing says it', {}, {}, undefined],
  ];
  it.each(cases)('%s', (_name, record, setup, now) => {
    expect(momentOf(record, setup).circumstances.now).toBe(now);
  });
});

describe("the host's own addresses in a replay", () => {
  const context = { ownAddresses: ['10.0.0.1'] };
  const cases: [string, Record<string, unknown>, ReplaySetup, string[] | undefined][] = [
    ['are what the replay is told', { context }, { ownAddresses: ['10.0.0.2'] }, ['10.0.0.2']],
    ['are none where it is told so', { context }, { ownAddresses: [] }, []],
    ['else what the record was decided with', { context }, {}, ['10.0.0.1']],
    ['are unknown where that is malformed', { context: { ownAddresses: 'x' } }, {}, undefined],
    ['are unknown where nothing says them', {}, {}, undefined],
  ];
  it.each(cases)('%s', (_name, record, setup, addresses) => {
    const { ownAddresses } = momentOf(record, setup).circumstances;
    expect(ownAddresses?.map(({ text }) => text)).toEqual(addresses);
  });
});

describe('the approvals that count in a replay', () => {
  const approvals = [
    { at: 1, ask: null },
    { at: 2, ask: 'x' },
  ];
  const cases: [string, unknown, unknown][] = [
    ['are those that the record was decided with', { rule: { key: approvals } }, approvals],
    ['may be none', {}, []],
    ['cannot be told where the state is no object', [], undefined],
    ['cannot be told where the state is null', null, undefined],
    ['cannot be told where a rule has none', { rule: null }, undefined],
    ['cannot be told where a key has no list', { rule: { key: {} } }, undefined],
    ['cannot be told where an approval is none', { rule: { key: [1] } }, undefined],
    ['cannot be told where an approval has no time', { rule: { key: [{ ask: null }] } }, undefined],
    ['cannot be told where an approval has no ask', { rule: { key: [{ at: 1 }] } }, undefined],
  ];
  it.each(cases)('%s', (_name, limits, expected) => {
    const book = momentOf({ context: { limits } }, {}).limits;
    expect(book?.approvals('rule', 'key')).toEqual(expected);
  });
  it('are those of the replay where the record says nothing', () => {
    expect(momentOf({ context: {} }, {}).limits).toBeUndefined();
  });
});
