/**
 * A fleet's policy and the connects that come to it: a site for every four rules, each with its
 * networks; a tenth of the rules deny, a fifth hold, the rest approve.
 */
import { Random } from '../random.js';
import type { PlainConditions, PlainRecord, PlainRule, Scenario } from './plain-policy.js';
import { SCOPES, WORDS } from './vocabulary.js';

const RECORDS = 1024;
/** How many kinds of names are caught by a glob, whatever the number of rules. */
const GLOBS = 12;
const OPERATOR_SCOPES: readonly string[][] = [
  ['operator.read'],
  ['operator.read', 'operator.write'],
  ['operator.read', 'operator.write', 'operator.approvals'],
  ['operator.talk', 'operator.sessions.read'],
];

/** Makes the policy with this many rules, and records of which most hit some rule. */
export function makeFleet(rules: number, seed = 1): Scenario {
  const random = new Random(seed * 1_000_003 + rules);
  const sites = Array.from({ length: Math.max(3, Math.ceil(rules / 4)) }, (_, i) => siteOf(i));
  const networks = Object.fromEntries(
    sites.filter((_, i) => i % 5 === 0).map(({ name, networks }) => [name, networks]),
  );
  const made = Array.from({ length: rules }, (_, i) => makeRule(i, sites, random));
  // A name that no rule uses is worth a warning, and no more.
  const records = Array.from({ length: RECORDS }, () => makeRecord(made, networks, sites, random));
  return { policy: { version: 1, networks, rules: made }, records };
}

interface Site {
  readonly name: string;
  readonly networks: readonly string[];
}

function siteOf(i: number): Site {
  const v4 = `10.${(i >>> 8) & 255}.${i & 255}.0/24`;
  const v6 = `fd00:12:${i.toString(16)}::/48`;
  return { name: `site-${i}`, networks: i % 3 === 0 ? [v4, v6] : [v4] };
}

function makeRule(i: number, sites: readonly Site[], random: Random): PlainRule {
  const site = sites[random.below(sites.length)] as Site;
  const from = site.name.endsWith('0') && isNamed(site) ? [`@${site.name}`] : [...site.networks];
  const place = i % 10;
  if (place === 4) return { id: `deny-${i}`, action: 'deny', when: denyWhen(random) };
  if (place === 2 || place === 7) {
    return { id: `hold-${i}`, action: 'hold', when: holdWhen(from, random) };
  }
  return { id: `approve-${i}`, action: 'approve', when: approveWhen(from, random) };
}

function isNamed({ name }: Site): boolean {
  return Number(name.slice('site-'.length)) % 5 === 0;
}

function denyWhen(random: Random): PlainConditions {
  const dice = random.next();
  if (dice < 0.45) {
    return { device: Array.from({ length: 1 + random.below(4) }, () => random.hex(64)) };
  }
  if (dice < 0.9) {
    const prefix = random.pick([20, 22, 24, 28]);
    const block = (random.next() * 2 ** 24) >>> 0;
    return { from: [`${toIPv4(((0xc6000000 | block) & (-1 << (32 - prefix))) >>> 0)}/${prefix}`] };
  }
  return { clientId: [`retired-${random.below(GLOBS)}*`], platform: [random.pick(WORDS.platform)] };
}

function holdWhen(from: string[], random: Random): PlainConditions {
  const dice = random.next();
  if (dice < 0.5) {
    const any = random.pick([['operator.admin'], ['operator.pairing'], ['operator.write']]);
    return { from, scopes: { any: [...any] } };
  }
  if (dice < 0.9) return { from, kind: random.half(WORDS.kind.slice(1)) };
  return { from, displayName: [`kiosk-${random.below(GLOBS)}*`] };
}

function approveWhen(from: string[], random: Random): PlainConditions {
  const role = random.pick(WORDS.role);
  return {
    from,
    role: [role],
    ...(random.chance(0.7) && {
      clientMode: [role === 'node' ? 'node' : random.pick(WORDS.clientMode)],
    }),
    ...(random.chance(0.6) && { kind: ['new-device'] }),
    ...(random.chance(0.15) && { platform: [random.pick(WORDS.platform)] }),
    scopes: { within: role === 'node' ? [] : [...random.pick(OPERATOR_SCOPES)] },
  };
}

/** Three of four records are made for some rule, a part of them then with one fact off. */
function makeRecord(
  rules: readonly PlainRule[],
  networks: Readonly<Record<string, readonly string[]>>,
  sites: readonly Site[],
  random: Random,
): PlainRecord {
  const any = anyRecord(random.pick(sites).networks, random);
  if (random.chance(0.25)) return any;
  const fitting = { ...any, ...factsFor(random.pick(rules).when, networks, random) };
  return random.chance(0.2) ? { ...fitting, ...random.pick(slipsOf(any)) } : fitting;
}

function slipsOf(any: PlainRecord): readonly Partial<PlainRecord>[] {
  return [{ remoteIp: any.remoteIp }, { kind: any.kind }, { scopes: any.scopes }];
}

function anyRecord(near: readonly string[], random: Random): PlainRecord {
  const role = random.pick(WORDS.role);
  return {
    remoteIp: random.chance(0.5)
      ? addressIn(random.pick(near), random)
      : `172.20.${random.below(256)}.${random.below(256)}`,
    forwarded: random.chance(0.1),
    role,
    scopes: role === 'node' ? [] : random.half(SCOPES).slice(0, 3),
    commands: [],
    clientMode: random.pick(WORDS.clientMode),
    kind: random.pick(WORDS.kind),
    authMethod: random.pick(WORDS.authMethod),
    clientId: random.pick(WORDS.clientId),
    platform: random.pick(WORDS.platform),
    deviceFamily: random.pick(WORDS.deviceFamily),
    gateway: random.pick(WORDS.gateway),
    displayName: `device ${random.hex(4)}`,
    deviceId: random.hex(64),
  };
}

/** The facts that make the conditions true. */
function factsFor(
  when: PlainConditions,
  networks: Readonly<Record<string, readonly string[]>>,
  random: Random,
): Partial<PlainRecord> {
  const ranges = when.from?.flatMap((one) => networks[one.slice(1)] ?? [one]);
  const texts = (['role', 'clientMode', 'kind', 'platform', 'clientId', 'displayName'] as const)
    .filter((key) => when[key])
    .map((key) => [key, random.pick(when[key] ?? ['']).replace('*', random.hex(3))]);
  const asked = when.scopes?.any ?? when.scopes?.within;
  return {
    ...Object.fromEntries(texts),
    ...(ranges && { remoteIp: addressIn(random.pick(ranges), random) }),
    ...(when.device && { deviceId: random.pick(when.device) }),
    ...(asked && { scopes: asked.slice(0, 1 + random.below(asked.length)) }),
  };
}

/** An address of a network. */
export function addressIn(network: string, random: Random): string {
  const [base = '', prefix = '32'] = network.split('/');
  if (base.includes(':')) return `${base}${random.hex(3)}`;
  const [a = 0, b = 0, c = 0, d = 0] = base.split('.').map(Number);
  const start = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  return toIPv4(start + random.below(2 ** (32 - Number(prefix))));
}

function toIPv4(word: number): string {
  return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.');
}
