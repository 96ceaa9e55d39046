import { type Address, contains, isSameAddress, parseNetwork } from './address.js';
import { matchesGlob } from './glob.js';
import { and, not, or, type Truth } from './kleene.js';
import { evaluateLogic } from './logic.js';
import { type Facts, isDeviceId } from './normalise.js';
import type { OneOrMany, PlainConditions, PlainPolicy, PlainSetForms } from './plain-policy.js';
import { isInTime } from './time.js';

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const PRIVATE = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];
const TAILNET = ['100.64.0.0/10', 'fd7a:115c:a1e0::/48'];

/** Each condition of a `when` or `unless`, in the order in which they are written. */
export function evaluateConditions(
  conditions: PlainConditions,
  facts: Facts,
  policy: PlainPolicy,
): Truth[] {
  const keys = Object.keys(conditions) as (keyof PlainConditions)[];
  return keys.map((key) => evaluateCondition(key, conditions, facts, policy));
}

/** Whether an `unless` lets its rule stand: not all of its conditions hold. */
export function evaluateUnless(
  conditions: PlainConditions,
  facts: Facts,
  policy: PlainPolicy,
): Truth {
  return not(and(evaluateConditions(conditions, facts, policy)));
}

function evaluateCondition(
  key: keyof PlainConditions,
  conditions: PlainConditions,
  facts: Facts,
  policy: PlainPolicy,
): Truth {
  switch (key) {
    case 'from':
      return or(listOf(conditions.from).map((place) => isFrom(place, facts, policy)));
    case 'clientId':
    case 'displayName':
    case 'browserOrigin':
    case 'authUser':
    case 'gateway':
      return matchesOne(listOf(conditions[key]), facts[key]);
    case 'platform':
    case 'deviceFamily':
      return matchesOne(
        listOf(conditions[key]).map((value) => value.toLowerCase()),
        facts[key]?.toLowerCase(),
      );
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return ifKnown(facts[key], (word) => listOf(conditions[key]).includes(word));
    case 'role':
      return isSet({ within: listOf(conditions.role) }, facts.roles, ROLE_COVER);
    case 'roles':
      return isSet(conditions.roles, facts.roles, ROLE_COVER);
    case 'scopes':
      return isSet(conditions.scopes, facts.scopes, SCOPE_COVER);
    case 'commands':
      return isSet(conditions.commands, facts.commands, COMMAND_COVER);
    case 'device':
      return isDevice(listOf(conditions.device), facts, policy);
    case 'forwarded':
      return ifKnown(facts.forwarded, (forwarded) => forwarded === conditions.forwarded);
    case 'time':
      return ifKnown(facts.now, (now) => isInTime(conditions.time ?? {}, now));
    case 'logic':
      return evaluateLogic(conditions.logic, facts);
  }
}

function ifKnown<T>(fact: T | undefined, test: (value: T) => Truth): Truth {
  return fact === undefined ? 'unknown' : test(fact);
}

function listOf<T>(value: OneOrMany<T> | undefined): T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function matchesOne(patterns: string[], fact: string | undefined): Truth {
  return ifKnown(fact, (text) => patterns.some((pattern) => matchesGlob(pattern, text)));
}

// --- from ---------------------------------------------------------------------------------------------------------

function isFrom(place: string, facts: Facts, policy: PlainPolicy): Truth {
  const isDirect = ifKnown(facts.forwarded, (forwarded) => !forwarded);
  switch (place) {
    case 'anywhere':
      return true;
    case 'private':
      return isInOneOf(PRIVATE, facts.remoteIp);
    case 'tailnet':
      return isInOneOf(tailnetOf(policy), facts.remoteIp);
    case 'loopback':
      return and([isInOneOf(LOOPBACK, facts.remoteIp), isDirect]);
    case 'own-address':
      return and([isOwnAddress(facts), isDirect]);
    case 'own-tailnet':
      return and([isOwnTailnetAddress(facts, policy), isDirect]);
    default:
      return isInOneOf(
        place.startsWith('@') ? networkOf(place.slice(1), policy) : [place],
        facts.remoteIp,
      );
  }
}

function isInOneOf(networks: string[], remoteIp: Address | undefined): Truth {
  return ifKnown(remoteIp, (address) =>
    networks.some((network) => contains(parseNetwork(network), address)),
  );
}

function isOwnAddress(facts: Facts): Truth {
  return ifKnown(facts.ownAddresses, (own) => isOneOf(own, facts.remoteIp));
}

function isOwnTailnetAddress(facts: Facts, policy: PlainPolicy): Truth {
  const tailnet = tailnetOf(policy);
  const own = facts.ownAddresses;
  // An address outside the tailnet is no tailnet address of this host, whichever those are.
  if (own === undefined) return isInOneOf(tailnet, facts.remoteIp) === false ? false : 'unknown';
  const inTailnet = own.filter((address) => isInOneOf(tailnet, address) === true);
  return isOneOf(inTailnet, facts.remoteIp);
}

/** Of no address at all an unknown one is none either. */
function isOneOf(addresses: Address[], remoteIp: Address | undefined): Truth {
  return or(
    addresses.map((address) => ifKnown(remoteIp, (remote) => isSameAddress(remote, address))),
  );
}

function tailnetOf(policy: PlainPolicy): string[] {
  return listOf(ownValue(policy.networks, 'tailnet') ?? TAILNET);
}

function networkOf(name: string, policy: PlainPolicy): string[] {
  return name === 'tailnet' ? tailnetOf(policy) : listOf(ownValue(policy.networks, name));
}

function ownValue<T>(record: Record<string, T> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

// --- roles, scopes, commands --------------------------------------------------------------------------------------

/** How a word that a condition lists and a word that is asked for cover each other. */
interface Cover {
  isGrantedBy: (asked: string, listed: string) => boolean;
  grants: (asked: string, listed: string) => boolean;
}

const ROLE_COVER: Cover = { isGrantedBy: isSameWord, grants: isSameWord };
const SCOPE_COVER: Cover = {
  isGrantedBy: (asked, listed) => scopeGrants(listed, asked),
  grants: (asked, listed) => scopeGrants(asked, listed),
};
/** A listed command may be a glob, one that is asked for is a plain word: so the glob is always the listed one. */
const COMMAND_COVER: Cover = {
  isGrantedBy: (asked, listed) => matchesGlob(listed, asked),
  grants: (asked, listed) => matchesGlob(listed, asked),
};

/** Whether all the forms hold. An unknown fact makes even those unknown that would hold for every value. */
function isSet(
  forms: PlainSetForms | 'any-scopes' | 'any-commands' | undefined,
  asked: string[] | undefined,
  cover: Cover,
): Truth {
  if (asked === undefined) return 'unknown';
  if (forms === undefined || typeof forms === 'string') return true;
  const { within, all, any, none } = forms;
  const isWithin = (one: string): boolean =>
    within?.some((listed) => cover.isGrantedBy(one, listed)) === true;
  const isAsked = (listed: string): boolean => asked.some((one) => cover.grants(one, listed));
  return and([
    within === undefined || asked.every(isWithin),
    all === undefined || all.every(isAsked),
    any === undefined || any.some(isAsked),
    none === undefined || !none.some(isAsked),
  ]);
}

function isSameWord(one: string, other: string): boolean {
  return one === other;
}

/** Whether who has the scope `holder` may also do what the scope `wanted` allows. */
function scopeGrants(holder: string, wanted: string): boolean {
  if (holder === wanted) return true;
  switch (holder) {
    case 'operator.admin':
      return wanted.startsWith('operator.');
    case 'operator.write':
      return [
        'operator.read',
        'operator.talk',
        'operator.sessions.read',
        'operator.sessions.write',
      ].includes(wanted);
    case 'operator.read':
    case 'operator.sessions.write':
      return wanted === 'operator.sessions.read';
    default:
      return false;
  }
}

// --- device -------------------------------------------------------------------------------------------------------

function isDevice(listed: string[], facts: Facts, policy: PlainPolicy): Truth {
  const devices = listed.flatMap((entry) =>
    entry.startsWith('@') ? listOf(ownValue(policy.devices, entry.slice(1))) : [entry],
  );
  return or(
    devices.map((device) =>
      isDeviceId(device)
        ? ifKnown(facts.deviceId, (deviceId) => deviceId === device.toLowerCase())
        : ifKnown(facts.publicKey, (publicKey) => publicKey === device),
    ),
  );
}
