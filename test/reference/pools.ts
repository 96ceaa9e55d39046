/** The small pools that policies, records and contexts all draw from, so that rules match often and near-miss as often. */

export const DEVICE_IDS = [
  '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219',
  '1234567890123456789012345678901234567890123456789012345678901234',
  '123e4567000000000000000000000000000000000000000000000000000000ff',
  '1230000000000000000000000000000000000000000000000000000000000e12',
];

export const PUBLIC_KEYS = [
  'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  'zzzzzzzzzzzzzzzzzzzzz-_zzzzzzzzzzzzzzzzzzzE',
  '1111111111111111111111111111111111111111118',
];

export const REMOTE_IPS = [
  '127.0.0.1',
  '127.8.9.10',
  '::1',
  '10.1.2.3',
  '192.168.1.20',
  '192.168.2.20',
  '172.31.255.255',
  '172.32.0.0',
  '169.254.1.1',
  '100.101.102.103',
  '100.63.255.255',
  'fd7a:115c:a1e0::1',
  'fd7a:115c:a1e1::1',
  'fd00:1234::5',
  'FD00:1234:0:0:0:0:0:5',
  'fe80::1%eth0',
  'fe80::1%%',
  'fec0::1',
  '::ffff:10.1.2.3',
  '::ffff:127.0.0.1',
  '::FFFF:c0a8:114',
  '0:0:0:0:0:ffff:100.101.102.103%en0',
  '::10.1.2.3',
  '2001:db8:1:2::5',
  '2001:DB8:1:2:0:0:0:5',
  '2001:db8:1:2:ffff::9',
  '2001:db8:1:3::5',
  '2001:db8:0:0:1:0:0:1',
  '1:2:3:4:5:6:7::',
  '203.0.113.7',
  '0.0.0.0',
  '255.255.255.255',
  '::',
];

/** Of the remote addresses those that a host has itself, or that its tailnet has. */
export const NEAR_IPS = [
  '127.0.0.1',
  '::1',
  '100.101.102.103',
  'fd7a:115c:a1e0::1',
  '192.168.1.20',
  '::ffff:10.1.2.3',
];

/** Texts that some parser of addresses takes, or that are an address but for one detail. */
export const NO_ADDRESSES = [
  '',
  ' ',
  '127.1',
  '0x7f000001',
  '2130706433',
  '010.0.0.1',
  '0.0.0.00',
  '10.1.2.3:80',
  '10.1.2.3%x',
  '10.1.2.3/32',
  ' 10.1.2.3',
  '10.1.2.3\n',
  '10.1.2',
  '10.1.2.3.4',
  '10.1.2.256',
  '10.1.2.+3',
  '10.1.2.1e1',
  '１0.1.2.3',
  '::ffff:127.1',
  '::ffff:10.1.2.03',
  '10.1.2.3::',
  '::10.1.2.3:1',
  '1:2:3:4:5:6:7::8',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  ':::',
  ':1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:',
  '00001::',
  '::g',
  '::1%',
  '%eth0',
  '[::1]',
  '::1/128',
  ' ::1',
  '::1 ',
  'localhost',
];

/** What a rule may list under `from` as an address or CIDR; none of them is a /0. */
export const NETWORKS = [
  '127.0.0.1',
  '10.0.0.0/8',
  '::ffff:10.0.0.0/104',
  '10.1.2.2/31',
  '192.168.1.0/24',
  '::ffff:c0a8:100/120',
  '::ffff:192.168.2.20',
  '172.16.0.0/12',
  '100.64.0.0/10',
  '203.0.113.7',
  '128.0.0.0/1',
  'fd00:1234::/64',
  'fe80::1',
  '2001:db8:1:2::/64',
  '2001:DB8:1::/48',
  '2001:db8:1:2:0:0:0:5',
  '::/96',
  '::10.1.2.3',
];

export const NETWORKS_OF_ALL = ['0.0.0.0/0', '::/0', '::ffff:0:0/96'];

export const NETWORK_NAMES = ['office', 'lab', 'constructor'];

export const DEVICE_GROUPS = ['lost', 'fleet', 'constructor'];

export const RULE_IDS = [
  'own-machine',
  'office-nodes',
  'remote-admin',
  'lost-laptop',
  'constructor',
  'rule-6',
  'rule-7',
  'rule-8',
];

export const SCOPES = [
  'operator.admin',
  'operator.read',
  'operator.write',
  'operator.approvals',
  'operator.pairing',
  'operator.talk',
  'operator.sessions.read',
  'operator.sessions.write',
];

export const UNKNOWN_SCOPES = [
  'operator.future',
  'operator',
  'Operator.Read',
  'node.exec',
  '__proto__',
  'constructor',
];

export const COMMANDS = ['system.run', 'system.which', 'camera.snap', 'camera.list', 'constructor'];

export const COMMAND_GLOBS = [
  'system.*',
  'camera.*',
  '*.list',
  's*.*n',
  'system.run',
  'camera.snap',
  'constructor',
  '*',
];

export const CLIENT_MODES = ['webchat', 'cli', 'ui', 'backend', 'node', 'probe', 'test', 'worker'];

export const KINDS = [
  'new-device',
  'key-change',
  'role-upgrade',
  'scope-upgrade',
  'metadata-upgrade',
  'reconnect',
  'node-commands',
];

export const AUTH_METHODS = [
  'token',
  'password',
  'tailscale',
  'trusted-proxy',
  'device-token',
  'bootstrap-token',
  'none',
];

export const USERS = ['ann@example.org', 'bob@example.org', '__proto__', 'constructor', ''];

/** For each fact that a string condition tests: what a record says, and what a rule lists. */
export const STRINGS = {
  clientId: {
    said: ['openclaw-ios', 'openclaw-cli', 'cli', '__proto__'],
    listed: ['openclaw-*', 'cli', '__proto__'],
  },
  platform: {
    said: ['macOS', 'MACOS', 'darwin', 'linux', 'iOS 26.1', 'İOS', ''],
    listed: ['macos', 'LINUX', 'iOS*', 'D*N', 'İos', ''],
  },
  deviceFamily: {
    said: ['iPhone', 'IPHONE', 'Mac', '', 'constructor'],
    listed: ['iphone', 'M*', 'CONSTRUCTOR', ''],
  },
  displayName: {
    said: ["Ann's phone", 'phone\nline', 'a*b', 'axb', 'aab', ''],
    listed: ["Ann's *", '*phone*', 'a*b', 'a*a*b', 'phone\nline', '**', ''],
  },
  browserOrigin: {
    said: ['https://claw.example.org', 'https://evil.example.org', 'null', ''],
    listed: ['https://claw.example.org', 'https://*.example.org', ''],
  },
  gateway: { said: ['home', 'office-1', 'office-2'], listed: ['home', 'office-*', '*'] },
} as const;

/** A Tuesday, 09:00 in UTC: near it lie the times of most decisions, expiries and approvals. */
export const MIDDLE_OF_TIMES = Date.UTC(2026, 11, 1, 9);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const NEAR_TIMES = [0, -1, 1, -MINUTE, 30 * MINUTE, HOUR, -HOUR, 3 * HOUR].map(
  (ms) => MIDDLE_OF_TIMES + ms,
);

/** Midnights, week ends, and the hours in which Berlin and Lord Howe change their clocks. */
export const FAR_TIMES = [
  Date.UTC(2026, 11, 5, 23, 59, 59, 999),
  Date.UTC(2026, 11, 6),
  Date.UTC(2026, 11, 7, 5, 59),
  Date.UTC(2026, 11, 7, 6),
  Date.UTC(2026, 11, 4, 21, 0),
  Date.UTC(2026, 2, 29, 0, 59, 59),
  Date.UTC(2026, 2, 29, 1),
  Date.UTC(2026, 9, 25, 0, 30),
  Date.UTC(2026, 9, 25, 1, 30),
  Date.UTC(2026, 3, 4, 15, 15),
  0,
  -1,
];

export const EXPIRIES = [
  '2026-12-01T09:00:00Z',
  '2026-12-01T10:00+01:00',
  '2026-12-01T09:00:00.001Z',
  '2026-12-01T09:00:00.0009999Z',
  '2026-12-01T09:00:00.1Z',
  '2026-12-01T03:30:00-06:00',
  '2027-01-31T00:00:00Z',
  '2028-02-29T00:00Z',
  '2020-01-01T00:00Z',
];

/** Texts that are no time, though some parser takes them. */
export const NO_TIMES = [
  '',
  '2026-12-01',
  '2026-12-01T09:00:00',
  '2026-12-01T09Z',
  '2026-12-01T09:00:00.Z',
  '2026-12-01T09:00:00.0123456789Z',
  '2026-12-01 09:00:00Z',
  '2026-12-01t09:00:00z',
  '2026-12-01T09:00:00+0100',
  '2026-12-01T09:00:60Z',
  '2026-12-01T24:00:00Z',
  '2026-02-29T09:00:00Z',
  '2026-13-01T09:00:00Z',
  '2026-12-01T09:00:00Z\n',
  '1764579600000',
  'Tue, 01 Dec 2026 09:00:00 GMT',
];

export const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Kiritimati',
];

export const HOURS = [
  '09:00-18:00',
  '00:00-24:00',
  '09:00-09:01',
  '08:59-09:00',
  '22:00-06:00',
  '22:00-24:00',
  '23:59-00:00',
  '10:00-09:00',
  '02:30-03:30',
];

export const DURATIONS = ['45s', '1m', '30m', '1h', '2d', '1w'];

/** Strings that have broken software before. */
export const HOSTILE_STRINGS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  ' ',
  '*',
  '**',
  '\u0000',
  'a\nb',
  '\u001b[31mred\u001b[0m',
  '\u0085',
  '\u202emoc.elpmaxe',
  '\ud800',
  '\udc00\ud800',
  'é',
  'e\u0301',
  '\u{1f99e}',
  'null',
  'undefined',
  'NaN',
  'İ',
  'x'.repeat(5_000),
  'ab'.repeat(1_000),
];
