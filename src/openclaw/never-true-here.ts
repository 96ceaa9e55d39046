/** Which rules of a policy can never be true beside a gateway, because no request of it tells what they ask. */
import { factsOf } from '../engine/index.js';
import type { FactName } from '../model/index.js';
import type { Condition, Rule } from '../policy/index.js';
import { isAtLeast } from './gateway-hello.js';
import { type GatewaySettings, trustInAddresses } from './gateway-settings.js';

/** A rule that stays unknown for every request, and the facts that it waits for. */
export interface NeverTrueHere {
  readonly rule: Rule;
  readonly facts: readonly FactName[];
}

/** The facts that are unknown for every request of a device. */
export function findUntoldFacts(
  settings: GatewaySettings,
  ownAddresses: readonly string[] | undefined,
): ReadonlySet<FactName> {
  const { version } = settings;
  const trust = trustInAddresses(settings, ownAddresses);
  // How a device has logged in, and its version, is in no request.
  const untold: FactName[] = ['authMethod', 'authUser', 'clientVersion'];
  if (isAtLeast(version, '2026.9.6') !== true) untold.push('browserOrigin');
  if (isAtLeast(version, '2026.3.31') !== true) untold.push('deviceFamily');
  if (trust !== 'direct') untold.push('forwarded');
  if (trust === 'forgeable') untold.push('remoteIp');
  if (!ownAddresses) untold.push('ownAddresses');
  return new Set(untold);
}

/** Those rules, in their order. */
export function findNeverTrue(
  rules: readonly Rule[],
  untold: ReadonlySet<FactName>,
): readonly NeverTrueHere[] {
  return rules.flatMap((rule) => {
    const { when, unless = [] } = rule;
    const inWhen = when.flatMap((condition) => untoldOf(condition, untold));
    const inUnless = unless.map((condition) => untoldOf(condition, untold));
    // One that is false makes the whole of `unless` false, so each of them must be untold.
    const isUnlessUntold = inUnless.length > 0 && inUnless.every((facts) => facts.length > 0);
    const facts = [...inWhen, ...(isUnlessUntold ? inUnless.flat() : [])];
    return facts.length > 0 ? [{ rule, facts: [...new Set(facts)] }] : [];
  });
}

/** The untold facts without which a condition is never told. */
function untoldOf(condition: Condition, untold: ReadonlySet<FactName>): readonly FactName[] {
  // A piece of logic may do without some of what it reads.
  if (condition.key === 'logic') return [];
  const facts = factsOf(condition).filter((fact) => untold.has(fact));
  if (condition.key === 'device') return facts.length === factsOf(condition).length ? facts : [];
  if (condition.key !== 'from' || facts.includes('remoteIp')) return facts;
  // Each source stands for itself: one that needs no more than the address is told.
  const kinds = condition.sources.map(({ kind }) => kind);
  if (kinds.includes('networks')) return [];
  if (facts.includes('forwarded')) return facts;
  return kinds.includes('loopback') ? [] : facts;
}
