import { renderLimitKey } from './address.js';
import type { Facts } from './normalise.js';
import type { PlainLimit, PlainLimitEntry, PlainLimits, PlainRule } from './plain-policy.js';
import { parseDuration } from './time.js';

/** Whether a rule may approve this connect as far as its limit goes; what the limit needs to know and does not leaves no room. */
export function hasRoom(rule: PlainRule, facts: Facts, limits: PlainLimits): boolean {
  if (rule.limit === undefined) return true;
  const key = keyOf(rule.limit, facts);
  if (key === undefined) return false;
  const counted = entriesInWindow(rule.limit, entriesOf(limits, rule.id, key), facts.now);
  if (counted === undefined) return false;
  if (counted.length < rule.limit.max) return true;
  const ask = askOf(facts);
  return ask !== null && counted.some((entry) => entry.ask === ask);
}

/** What one device asks for, as one text; null where not all of it is known. */
function askOf(facts: Facts): string | null {
  const { deviceId, roles, scopes, commands } = facts;
  if (
    deviceId === undefined ||
    roles === undefined ||
    scopes === undefined ||
    commands === undefined
  )
    return null;
  return JSON.stringify([deviceId, [...roles].sort(), [...scopes].sort(), [...commands].sort()]);
}

function keyOf(limit: PlainLimit, facts: Facts): string | undefined {
  switch (limit.by ?? 'rule') {
    case 'rule':
      return '';
    case 'remoteIp':
      return facts.remoteIp === undefined ? undefined : renderLimitKey(facts.remoteIp);
    case 'deviceId':
      return facts.deviceId;
    case 'authUser':
      return facts.authUser;
  }
}

function entriesOf(limits: PlainLimits, ruleId: string, key: string): PlainLimitEntry[] {
  const ofRule = Object.hasOwn(limits, ruleId) ? (limits[ruleId] ?? {}) : {};
  return Object.hasOwn(ofRule, key) ? (ofRule[key] ?? []) : [];
}

function entriesInWindow(
  limit: PlainLimit,
  entries: PlainLimitEntry[],
  now: number | undefined,
): PlainLimitEntry[] | undefined {
  if (limit.per === undefined) return entries;
  if (now === undefined) return undefined;
  const start = now - parseDuration(limit.per);
  return entries.filter((entry) => entry.at > start);
}
