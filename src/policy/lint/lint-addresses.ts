import { type Address, networkContains, parseAddress } from '../../model/index.js';
import type { AddressSource, Condition, Policy, Rule } from '../policy.js';
import { type ProblemList, quote } from '../problem-list.js';
import { builtInRange } from '../resolve-lists.js';
import { oncePerList, rangesCover, rangesOf } from './address-ranges.js';
import { addressBounds } from './rule-bounds.js';

/** The gateways of Docker's first networks: what a client of a published port seems to come from. */
const BRIDGES = addresses(Array.from({ length: 15 }, (_, i) => `172.${17 + i}.0.1`));
const LOOPBACKS = addresses(['127.0.0.1', '::1']);

const CARRIERS = rangesOf(builtInRange('tailnet').slice(0, 1));

/** The first of these addresses that a list of networks holds. */
const bridgeIn = oncePerList((networks) => firstIn(networks, BRIDGES));
const loopbackIn = oncePerList((networks) => firstIn(networks, LOOPBACKS));
const holdsCarriers = oncePerList((networks) => rangesCover(rangesOf(networks), CARRIERS));

/**
 * BRIDGE_NETWORK, TAILNET_PITFALL, OWN_ADDRESS_PITFALL: addresses in approve rules that others may have than one thinks
 * of. Nothing where the rule also names devices or verified logins. Bridges and loopback are warnings, because there
 * clients from anywhere may appear; the others are notes, because all depends on the host.
 */
export function lintAddresses(policy: Policy, problems: ProblemList): void {
  for (const [rule, condition] of addressBounds(policy)) {
    for (const source of condition.sources) lintSource(rule, condition, source, problems);
  }
}

function lintSource(
  rule: Rule,
  { place }: Condition,
  source: AddressSource,
  problems: ProblemList,
): void {
  const named = quote(source.text);
  if (source.kind === 'networks') {
    lintNetworks(rule, place, source, problems);
  } else if (source.kind === 'own-address') {
    const message = `${named} in \`${rule.id}\`: clients that are translated on their way (NAT, a published port, a hairpin) come from the host's own address, too`;
    const hint = 'use `own-tailnet`, or list the own addresses that nothing is translated to';
    problems.add('note', 'OWN_ADDRESS_PITFALL', place, message, hint);
  } else if (source.kind === 'own-tailnet') {
    const message = `${named} in \`${rule.id}\`: every user and container on the host has this address, and with \`tailscaled\` in userspace mode nobody has`;
    const hint = 'leave it if all on the host may pair';
    problems.add('note', 'OWN_ADDRESS_PITFALL', place, message, hint);
  }
}

function lintNetworks(
  rule: Rule,
  place: Rule['place'],
  { networks, text }: Extract<AddressSource, { kind: 'networks' }>,
  problems: ProblemList,
): void {
  const bridge = bridgeIn(networks);
  if (bridge && !isExempt(rule, bridge)) {
    const message = `${quote(text)} in \`${rule.id}\` covers ${bridge.text}, the usual address of a Docker bridge: behind a published port, clients from anywhere have it`;
    const hint = `narrow it, or add \`unless: { from: ${bridge.text} }\``;
    problems.add('warning', 'BRIDGE_NETWORK', place, message, hint);
  }
  const loopback = loopbackIn(networks);
  if (loopback && !isExempt(rule, loopback) && !rule.when.some(isDirectOnly)) {
    const message = `${quote(text)} in \`${rule.id}\` covers ${loopback.text}: behind a proxy on this host, clients from anywhere have it`;
    const hint = 'use `loopback`, or add `forwarded: false`; both stop what a proxy announces';
    problems.add('warning', 'BRIDGE_NETWORK', place, message, hint);
  }
  if (holdsCarriers(networks)) {
    const message = `${quote(text)} in \`${rule.id}\` covers 100.64.0.0/10, which carriers and clouds use as well: on a host without Tailscale it is a stranger's address`;
    const hint =
      'make sure that the gateway is in a tailnet, or redefine `tailnet` with its own ranges';
    problems.add('note', 'TAILNET_PITFALL', place, message, hint);
  }
}

/** Whether the rule takes exception to the address, whatever else is known. */
function isExempt({ unless }: Rule, address: Address): boolean {
  const [only, ...others] = unless ?? [];
  if (only?.key !== 'from' || others.length > 0) return false;
  return only.sources.some(
    (source) =>
      source.kind === 'networks' &&
      source.networks.some((network) => networkContains(network, address)),
  );
}

function isDirectOnly(condition: Condition): boolean {
  return condition.key === 'forwarded' && !condition.value;
}

function firstIn(
  networks: Parameters<typeof rangesOf>[0],
  list: readonly Address[],
): Address | undefined {
  return list.find((address) => networks.some((network) => networkContains(network, address)));
}

function addresses(texts: readonly string[]): readonly Address[] {
  return texts.flatMap((text) => parseAddress(text) ?? []);
}
