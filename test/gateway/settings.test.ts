/** What follows from a gateway's release and settings. */
import { describe, expect, test } from 'vitest';
import { findBypasses } from '../../src/openclaw/gateway-bypasses.js';
import { isAtLeast, readHello } from '../../src/openclaw/gateway-hello.js';
import { settingsOf, trustInAddresses } from '../../src/openclaw/gateway-settings.js';
import { findWeaknesses } from '../../src/openclaw/known-weaknesses.js';

const NEW = '2026.9.6';

describe('isAtLeast', () => {
  test.each([
    ['2026.9.6', '2026.9.6', true],
    ['2026.9.10', '2026.9.6', true],
    ['2026.10.1', '2026.9.6', true],
    ['2027.1.1', '2026.9.6', true],
    ['2026.9.5', '2026.9.6', false],
    ['2026.9', '2026.9.6', false],
    ['2026.9.6-beta.1', '2026.9.6', true],
    ['dev', '2026.9.6', undefined],
    ['', '2026.9.6', undefined],
    [undefined, '2026.9.6', undefined],
  ])('%s against %s: %s', (version, least, expected) => {
    expect(isAtLeast(version, least)).toBe(expected);
  });
});

describe('hello', () => {
  test.each([
    [{}, undefined, undefined],
    [{ server: { version: 'dev' }, auth: { scopes: 'all' } }, undefined, undefined],
    [{ server: { version: NEW }, auth: { scopes: ['operator.read'] } }, NEW, ['operator.read']],
    [null, undefined, undefined],
  ])('%j', (payload, version, scopes) => {
    const hello = readHello(payload);
    expect(hello.version).toBe(version);
    expect(hello.scopes && [...hello.scopes]).toEqual(scopes);
  });
});

const settings = (gateway: object, version = NEW) => settingsOf({ resolved: { gateway } }, version);

describe('settings', () => {
  test('what is not set has its default', () => {
    expect(settings({})).toMatchObject({
      trustedProxies: [],
      tailscaleMode: 'off',
      autoApproveLocal: true,
      autoApproveCidrs: [],
      sshVerify: true,
      logFile: undefined,
    });
  });

  test('without an answer nothing is known', () => {
    expect(settingsOf(undefined, NEW)).toEqual({
      version: NEW,
      trustedProxies: undefined,
      authMode: undefined,
      tailscaleMode: undefined,
      autoApproveLocal: undefined,
      autoApproveCidrs: undefined,
      sshVerify: undefined,
      logFile: undefined,
    });
  });

  test.each([
    [false, false],
    [{ enabled: false }, false],
    [{ enabled: true }, true],
    [{ user: 'me' }, true],
    [undefined, true],
  ])('sshVerify %j is %s', (sshVerify, expected) => {
    expect(settings({ nodes: { pairing: { sshVerify } } }).sshVerify).toBe(expected);
  });
});

describe('trust in addresses', () => {
  test.each([
    ['direct', {}, NEW],
    ['maybe-forwarded', { trustedProxies: ['192.0.2.1'] }, NEW],
    ['forgeable', { trustedProxies: ['192.0.2.1'] }, '2026.2.19'],
    ['forgeable', { trustedProxies: ['192.0.2.1'] }, 'dev'],
    ['forgeable', { trustedProxies: ['127.0.0.1'] }, NEW],
    ['forgeable', { trustedProxies: ['::1'] }, NEW],
    ['forgeable', { trustedProxies: ['127.0.0.0/8'] }, NEW],
    ['forgeable', { trustedProxies: ['0.0.0.0/0'] }, NEW],
    ['forgeable', { trustedProxies: ['a proxy'] }, NEW],
    ['forgeable', { trustedProxies: ['192.0.2.9'] }, NEW],
    ['forgeable', { trustedProxies: ['192.0.2.0/24'] }, NEW],
    ['forgeable', { trustedProxies: '127.0.0.1' }, NEW],
    ['forgeable', { trustedProxies: [1] }, NEW],
    ['maybe-forwarded', { tailscale: { mode: 'serve' } }, NEW],
    ['maybe-forwarded', { tailscale: { mode: 1 } }, NEW],
    ['maybe-forwarded', { auth: { mode: 'trusted-proxy' } }, NEW],
  ])('%s: %j on %s', (expected, gateway, version) => {
    expect(trustInAddresses(settings(gateway, version), ['192.0.2.9'])).toBe(expected);
  });

  test('a proxy may stand on a host whose addresses are not known', () => {
    const { trustedProxies } = settings({ trustedProxies: ['192.0.2.1'] });
    expect(trustInAddresses({ ...settings({}), trustedProxies }, undefined)).toBe('forgeable');
    expect(trustInAddresses(settings({}), undefined)).toBe('direct');
  });

  test('unknown settings may hide a proxy', () => {
    expect(trustInAddresses(settingsOf(undefined, NEW), ['192.0.2.9'])).toBe('forgeable');
  });
});

describe('bypasses', () => {
  const closed = { autoApproveLocal: false, autoApproveCidrs: [], sshVerify: false };
  test.each([
    [[], closed, NEW],
    [['autoApproveLocal'], { ...closed, autoApproveLocal: true }, NEW],
    [['autoApproveCidrs'], { ...closed, autoApproveCidrs: ['10.0.0.0/8'] }, NEW],
    [['sshVerify'], { ...closed, sshVerify: true }, NEW],
    [['autoApproveLocal'], closed, '2026.4.20'],
    [['autoApproveLocal', 'silent requests'], closed, '2026.2.19'],
    [['silent requests'], closed, 'dev'],
  ])('%j: %j on %s', (expected, pairing, version) => {
    const found = findBypasses(settings({ nodes: { pairing } }, version));
    expect(found.map(({ by }) => by)).toEqual(expected);
  });

  test('where nothing is known, all are open', () => {
    expect(findBypasses(settingsOf(undefined, undefined))).toHaveLength(4);
  });
});

describe('weaknesses', () => {
  test.each([
    [NEW, 0],
    ['2026.4.20', 0],
    ['2026.4.8', 1],
    ['2026.3.28', 2],
    ['2026.2.19', 6],
    [undefined, 6],
    ['dev', 6],
  ])('of %s: %i', (version, count) => {
    expect(findWeaknesses(version)).toHaveLength(count);
  });
});
