/** Rules that wait for what no request of a gateway tells. */
import { describe, expect, test } from 'vitest';
import { settingsOf } from '../../src/openclaw/gateway-settings.js';
import { findNeverTrue, findUntoldFacts } from '../../src/openclaw/never-true-here.js';
import { policyOf } from '../live/set-up.js';

const OWN = ['100.64.0.1'];
const settings = (gateway: object, version = '2026.9.6') =>
  settingsOf({ resolved: { gateway } }, version);

describe('what is not told', () => {
  const always = ['authMethod', 'authUser', 'clientVersion'];
  test.each([
    ['as little as possible', settings({}), OWN, always],
    ['no own addresses', settings({}), undefined, [...always, 'ownAddresses']],
    ['a proxy', settings({ trustedProxies: ['10.0.0.1'] }), OWN, [...always, 'forwarded']],
    [
      'a proxy here',
      settings({ trustedProxies: ['127.0.0.1'] }),
      OWN,
      [...always, 'forwarded', 'remoteIp'],
    ],
    ['an old one', settings({}, '2026.2.19'), OWN, [...always, 'browserOrigin', 'deviceFamily']],
  ])('%s', (_, given, own, expected) => {
    expect([...findUntoldFacts(given, own)].sort()).toEqual([...expected].sort());
  });
});

describe('a rule', () => {
  const hold = (when: string, rest = '') =>
    policyOf(`\n  - { id: it, action: hold, when: { ${when} }${rest} }`).document.rules;
  const UNLESS = ', unless: { authMethod: tailscale }';
  test.each([
    ['a login', hold('authUser: "*@example.com"'), ['authUser']],
    ['a way to log in, besides', hold('role: node, authMethod: token'), ['authMethod']],
    ['no login', hold('role: node'), undefined],
    ['an exception by login', hold('role: node', UNLESS), ['authMethod']],
    [
      'an exception by login and more',
      hold('role: node', ', unless: { authMethod: tailscale, platform: linux }'),
      undefined,
    ],
    ['its own tailnet address', hold('from: own-tailnet'), ['forwarded']],
    ['loopback', hold('from: loopback'), ['forwarded']],
    ['a network too', hold('from: [loopback, 10.0.0.0/8]'), undefined],
    ['anywhere', hold('from: anywhere'), undefined],
    ['logic', hold('logic: { "===": [{ var: authUser }, "a"] }'), undefined],
    ['a device', hold(`device: ${'0'.repeat(64)}`), undefined],
  ])('that asks for %s', (_, rules, expected) => {
    const untold = findUntoldFacts(settings({ trustedProxies: ['10.0.0.1'] }), OWN);
    expect(findNeverTrue(rules, untold)[0]?.facts).toEqual(expected);
  });

  test('that asks for an address that can be forged', () => {
    const untold = findUntoldFacts(settings({ trustedProxies: ['127.0.0.1'] }), OWN);
    expect(findNeverTrue(hold('from: 10.0.0.0/8'), untold)[0]?.facts).toEqual(['remoteIp']);
  });
});
