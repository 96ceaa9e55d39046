/** When a gateway that is away is tried again. */
import { expect, test } from 'vitest';
import { ReconnectDelay } from '../../src/openclaw/reconnect-delay.js';

const GONE = 1006;
const REFUSED = 1008;

/** The waits for these close codes, on a clock that they pass on. */
function waits(url: string, codes: readonly number[]): readonly number[] {
  let now = 0;
  const delay = new ReconnectDelay(url, () => now);
  return codes.map((code) => {
    const wait = delay.next(code);
    now += wait;
    return wait;
  });
}

test.each([
  ['a restart here', 'ws://127.0.0.1:1', [1012, GONE, GONE, GONE], [250, 500, 1000, 1000]],
  ['here, by name', 'ws://localhost:1', [GONE, GONE, 1013, 1013], [250, 500, 1000, 1000]],
  ['here, IPv6', 'ws://[::1]:1', [GONE, GONE, GONE, GONE], [250, 500, 1000, 1000]],
  [
    'elsewhere',
    'wss://gateway.example',
    [GONE, GONE, GONE, GONE, GONE],
    [250, 500, 1000, 2000, 2000],
  ],
  ['refused', 'ws://127.0.0.1:1', [REFUSED, REFUSED, REFUSED], [1000, 2000, 4000]],
  ['refused, then gone', 'ws://127.0.0.1:1', [REFUSED, GONE, REFUSED], [1000, 250, 2000]],
])('%s', (_, url, codes, expected) => {
  expect(waits(url, codes)).toEqual(expected);
});

test('here it stays a second, elsewhere it grows after the first minute, refused it grows at once', () => {
  const long = Array.from({ length: 60 }, () => GONE);
  expect(waits('ws://127.0.0.1:1', long).at(-1)).toBe(1000);
  expect(waits('ws://10.0.0.1:1', long).at(-1)).toBe(30_000);
  expect(
    waits(
      'ws://127.0.0.1:1',
      long.map(() => REFUSED),
    ).at(-1),
  ).toBe(30_000);
});

test('what was away before does not count once it is there again', () => {
  const delay = new ReconnectDelay('ws://127.0.0.1:1', () => 0);
  for (const code of [GONE, GONE, REFUSED, REFUSED]) delay.next(code);
  delay.reset();
  expect([delay.next(GONE), delay.next(REFUSED)]).toEqual([250, 1000]);
});
