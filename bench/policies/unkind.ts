/** Policies and records that are made to hurt: what the structure of the engine cannot use. */
import { Random } from '../random.js';
import { addressIn, makeFleet } from './fleet.js';
import type { PlainConditions, PlainRecord, PlainRule, Scenario } from './plain-policy.js';
import { SCOPES, WORDS } from './vocabulary.js';

const RECORDS = 1024;

/** Nested networks that all hold every record's address; of the other facts the method decides. */
export function everyAddressMatches(rules: number): Scenario {
  const { policy, records } = makeFleet(rules);
  const random = new Random(2);
  const nested = Array.from({ length: 9 }, (_, i) => `10.0.0.0/${8 + i}`);
  const bound = policy.rules.map((rule) => ({
    ...rule,
    when: { ...rule.when, from: [random.pick(nested)], authMethod: ['tailscale'] },
  }));
  const near = records.slice(0, RECORDS).map((record) => ({
    ...record,
    remoteIp: addressIn('10.0.0.0/16', random),
    authMethod: random.chance(0.1) ? 'tailscale' : 'token',
  }));
  return { policy: { version: 1, networks: {}, rules: bound }, records: near };
}

/** Each condition holds for about half of the records, so that no fact alone rules anything out. */
export function nothingIsSelective(rules: number): Scenario {
  const random = new Random(3);
  const ranges = Array.from({ length: 16 }, (_, i) => `10.${i}.0.0/16`);
  const made = Array.from({ length: rules }, (_, i): PlainRule => {
    const action = i % 10 === 4 ? 'deny' : i % 5 === 2 ? 'hold' : 'approve';
    return { id: `${action}-${i}`, action, when: halfOfEverything(ranges, random) };
  });
  const records = Array.from({ length: RECORDS }, () => oneOfEverything(ranges, random));
  return { policy: { version: 1, networks: {}, rules: made }, records };
}

function halfOfEverything(ranges: readonly string[], random: Random): PlainConditions {
  return {
    from: random.half(ranges),
    role: random.chance(0.5) ? [...WORDS.role] : [random.pick(WORDS.role)],
    clientMode: random.half(WORDS.clientMode),
    kind: random.half(WORDS.kind),
    authMethod: random.half(WORDS.authMethod),
    clientId: random.half(WORDS.clientId),
    platform: random.half(WORDS.platform),
    deviceFamily: random.half(WORDS.deviceFamily),
    gateway: random.half(WORDS.gateway),
    forwarded: random.chance(0.5),
    scopes: { within: random.half(SCOPES) },
  };
}

function oneOfEverything(ranges: readonly string[], random: Random): PlainRecord {
  const word = (key: keyof typeof WORDS) => random.pick<string>(WORDS[key]);
  return {
    remoteIp: addressIn(random.pick(ranges), random),
    forwarded: random.chance(0.5),
    role: word('role'),
    scopes: [random.pick(SCOPES)],
    commands: [],
    clientMode: word('clientMode'),
    kind: word('kind'),
    authMethod: word('authMethod'),
    clientId: word('clientId'),
    platform: word('platform'),
    deviceFamily: word('deviceFamily'),
    gateway: word('gateway'),
    displayName: `device ${random.hex(4)}`,
    deviceId: random.hex(64),
  };
}

/** The fleet's policy, asked with sets of scopes of which none was seen before. */
export function scopesNeverSeen(rules: number): Scenario {
  const { policy, records } = makeFleet(rules);
  const random = new Random(4);
  const hostile = records.slice(0, RECORDS).map((record) => ({
    ...record,
    scopes: Array.from({ length: 64 }, () => `operator.x${random.hex(8)}`),
  }));
  return { policy, records: hostile };
}

/** A policy that itself names thousands of scopes. */
export function thousandsOfScopes(rules: number): Scenario {
  const { policy, records } = makeFleet(rules);
  const random = new Random(5);
  const named = () => `plugin.scope-${random.below(5000)}`;
  const made = policy.rules.map((rule) => ({
    ...rule,
    when: rule.when.scopes
      ? { ...rule.when, scopes: { within: Array.from({ length: 4 }, named) } }
      : rule.when,
  }));
  const asking = records.map((record) => ({ ...record, scopes: [named()] }));
  return { policy: { ...policy, rules: made }, records: asking };
}

/** A policy of globs, which no table can look up. */
export function thousandsOfGlobs(rules: number): Scenario {
  const { policy, records } = makeFleet(rules);
  const random = new Random(6);
  const made = policy.rules.map((rule) => ({
    ...rule,
    when: { ...rule.when, displayName: [`device ${random.hex(2)}*`, `kiosk-${rule.id}-*`] },
  }));
  return { policy: { ...policy, rules: made }, records };
}
