/**
 * What a connect would have to be, so that one condition comes out as wanted: a few changes to try,
 * the most natural ones first. They are proposals only; whether they do is for the engine to say.
 */
import { createHash } from 'node:crypto';
import { AUTH_METHODS, type Circumstances, CLIENT_MODES, KINDS } from '../../model/index.js';
import type { Condition, Limit, Policy } from '../../policy/index.js';
import type { Change } from './change-connect.js';
import { changesToComeFrom } from './fix-address.js';
import { listsThatDefy, listsThatSatisfy } from './fix-set.js';
import { momentsNear, SOME_TIME } from './fix-time.js';

/** How many alternatives of one condition are tried. */
const MAX_TRIED = 6;

/** Changes of the connect that may make the condition true. */
export function changesToSatisfy(
  condition: Condition,
  circumstances: Circumstances,
  policy: Policy,
): readonly Change[] {
  switch (condition.key) {
    case 'from':
      return changesToComeFrom(condition.sources.slice(0, MAX_TRIED), circumstances, policy);
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return condition.words.filter(isAskedFor).slice(0, MAX_TRIED).map(asChange(condition.key));
    case 'role':
    case 'roles':
      return listsThatSatisfy(condition, circumstances.facts.roles ?? []).map(asChange('roles'));
    case 'scopes':
    case 'commands':
      return listsThatSatisfy(condition, circumstances.facts[condition.key] ?? []).map(
        asChange(condition.key),
      );
    case 'device':
      return [
        ...condition.ids.slice(0, MAX_TRIED).map((deviceId) => ({ deviceId, publicKey: null })),
        ...condition.keys.slice(0, MAX_TRIED).map(deviceOfKey),
      ];
    case 'forwarded':
      return [{ forwarded: condition.value }];
    case 'time':
      return momentsNear(condition.hours, circumstances.now);
    case 'logic':
      return [];
    case 'authUser':
      return condition.patterns.slice(0, MAX_TRIED).flatMap((pattern) => logins(textOf(pattern)));
    default:
      return condition.patterns.slice(0, MAX_TRIED).map(textOf).map(asChange(condition.key));
  }
}

/** Changes of the connect that may make the condition false. */
export function changesToDefy(
  condition: Condition,
  circumstances: Circumstances,
): readonly Change[] {
  switch (condition.key) {
    case 'from':
      return [{ forwarded: true }, ...ELSEWHERE.map(asChange('remoteIp'))];
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return OTHER_WORDS[condition.key].map(asChange(condition.key));
    case 'role':
    case 'roles':
      return listsThatDefy(condition, circumstances.facts.roles ?? []).map(asChange('roles'));
    case 'scopes':
    case 'commands':
      return listsThatDefy(condition, circumstances.facts[condition.key] ?? []).map(
        asChange(condition.key),
      );
    case 'device':
      return devicesWhereUnknown(circumstances);
    case 'forwarded':
      return [{ forwarded: !condition.value }];
    case 'time':
      return momentsNear(condition.hours, circumstances.now, false);
    case 'logic':
      return [];
    case 'authUser':
      return [...logins(''), ...logins('other')];
    default:
      return ['', 'other'].map(asChange(condition.key));
  }
}

/** Changes that make known what a limit counts by; none where it is. */
export function changesToCount(
  { by, perMs }: Limit,
  circumstances: Circumstances,
): readonly Change[] {
  const { facts, now } = circumstances;
  if (perMs !== undefined && now === undefined) return [{ now: SOME_TIME }];
  if (by === 'rule' || facts[by] !== undefined) return [];
  if (by === 'deviceId') return devicesWhereUnknown(circumstances);
  return by === 'authUser' ? logins('other') : ELSEWHERE.map(asChange('remoteIp'));
}

function asChange(fact: keyof Change): (value: unknown) => Change {
  return (value) => ({ [fact]: value });
}

/** A gateway calls a connect so, and approves it, when there is nothing to ask for: nobody can choose it. */
function isAskedFor(word: string): boolean {
  return word !== 'reconnect';
}

const OTHER_WORDS: Readonly<Record<'clientMode' | 'kind' | 'authMethod', readonly string[]>> = {
  clientMode: CLIENT_MODES,
  kind: KINDS.filter(isAskedFor),
  authMethod: AUTH_METHODS,
};

/** Addresses that are nobody's: those for documentation. */
const ELSEWHERE = ['192.0.2.1', '203.0.113.1', '2001:db8::1'] as const;

/** A text that a pattern matches. */
function textOf(pattern: string): string {
  return pattern.replaceAll('*', '');
}

function logins(authUser: string): readonly Change[] {
  return [{ authUser }, { authUser, authMethod: 'tailscale' }];
}

function deviceOfKey(publicKey: string): Change {
  const raw = Buffer.from(publicKey, 'base64url');
  return { publicKey, deviceId: createHash('sha256').update(raw).digest('hex') };
}

/** A device that is in no list, for a connect of which it is not known which device it is. */
function devicesWhereUnknown({ facts }: Circumstances): readonly Change[] {
  // One that is known is another connect if it changes, not another ask.
  if (facts.deviceId !== undefined || facts.publicKey !== undefined) return [];
  return [0, 1, 2, 3].map((byte) => deviceOfKey(Buffer.alloc(32, byte).toString('base64url')));
}
