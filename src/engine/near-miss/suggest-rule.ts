/**
 * The smallest addition to a policy that approves exactly one kind of connect: a new approve rule
 * that pins what is known of it. Nothing is suggested that does not load and approve.
 */
import type { YAMLMap } from 'yaml';
import {
  type Circumstances,
  type FactName,
  type Facts,
  FULL_CONTROL_SCOPES,
  isSameAddress,
  isUnknown,
  networkContains,
  PairPolicyError,
  scopeGrants,
  visible,
} from '../../model/index.js';
import { builtInRange, type Policy, yamlPackage } from '../../policy/index.js';
import { compilePolicy } from '../compile.js';
import type { CompiledPolicy, Explanation, RuleValue } from '../compiled-policy.js';
import type { LimitBook } from '../limits.js';
import { buildPolicy } from '../load-policy.js';
import { standsAgainst } from './near-miss.js';

/** A rule to add, or why no addition can do it. */
export interface Suggestion {
  /** A policy file, to be saved beside the others; its rule can be pasted under `rules:` as well. */
  readonly yaml: string | null;
  /** The id of the rule in it. */
  readonly rule: string | null;
  /** For a person: what the rule is for, or why there is none. */
  readonly why: string;
  /** What to think over before it is pasted; stands in the YAML too. */
  readonly warnings: readonly string[];
}

/** The conditions of the rule as they are written. */
type When = Readonly<Record<string, unknown>>;

const MAX_TEXT = 200;
const MAX_LISTED = 200;

/** Suggests a rule for a connect that was not approved. */
export function suggestRule(
  compiled: CompiledPolicy,
  explanation: Explanation,
  circumstances: Circumstances,
  book: LimitBook,
): Suggestion {
  const { decision, rules } = explanation;
  const { facts } = circumstances;
  if (decision.action === 'approve') return none('it is approved already');
  const guards = rules.filter(standsAgainst);
  if (guards.length > 0) return none(whyNot(guards));
  const needed = neededFacts(circumstances);
  if (needed.length > 0) {
    return none(`nothing can be pinned while these facts are unknown: ${needed.join(', ')}`);
  }
  const texts = [...(facts.scopes ?? []), ...(facts.commands ?? [])];
  if (texts.length > MAX_LISTED)
    return none(`${texts.length} scopes and commands are too many to list`);
  const odd = texts.find((text) => !isPlain(text) || text.includes('*'));
  if (odd !== undefined) {
    return none(`\`${visible(odd.slice(0, MAX_TEXT))}\` cannot be listed as just what it is`);
  }
  const when = pinned(circumstances, compiled.policy);
  const warnings = warningsOf(explanation, facts);
  const id = freeId(circumstances, compiled.policy);
  const yaml = toYaml(id, when, warnings);
  const fault = findFault(yaml, compiled.policy, explanation, circumstances, book);
  if (fault !== undefined) return none(fault);
  return { yaml, rule: id, why: 'this rule approves just this kind of connect', warnings };
}

function none(why: string): Suggestion {
  return { yaml: null, rule: null, why, warnings: [] };
}

function whyNot(guards: readonly RuleValue[]): string {
  const shown = guards.slice(0, 3).map(({ rule, value, when, unless }) => {
    const missing = [...when, ...unless].flatMap((condition) => condition.missing);
    if (value === true) return `the ${rule.action} rule \`${rule.id}\` is true`;
    if (value === 'error') return `the ${rule.action} rule \`${rule.id}\` fails to evaluate`;
    const facts = [...new Set(missing.length > 0 ? missing : ['now'])].join(', ');
    return `the ${rule.action} rule \`${rule.id}\` may be true (unknown: ${facts})`;
  });
  const more = guards.length > 3 ? ` and ${guards.length - 3} more` : '';
  const known = guards.some(({ value }) => value !== 'unknown');
  const change = known ? 'that rule has to change, for instance by an `unless`' : 'make them known';
  return `no addition can approve it: ${shown.join('; ')}${more}; ${change}`;
}

function neededFacts(circumstances: Circumstances): readonly string[] {
  const needed: readonly FactName[] = ['roles', 'scopes', 'commands'];
  const missing = needed.filter((fact) => isUnknown(fact, circumstances));
  const { remoteIp, deviceId, publicKey } = circumstances.facts;
  return remoteIp || deviceId || publicKey ? missing : ['remoteIp or deviceId', ...missing];
}

function pinned(circumstances: Circumstances, policy: Policy): When {
  const { facts } = circumstances;
  const { roles = [], scopes = [], commands = [], clientMode, kind } = facts;
  const from = whereFrom(circumstances, policy);
  const device = facts.deviceId ?? facts.publicKey;
  return {
    ...(from && { from }),
    // The exact address is as good as its origin: what a proxy's header says is another matter.
    ...(from?.includes('/') && facts.forwarded !== undefined && { forwarded: facts.forwarded }),
    role: roles.length === 1 ? roles[0] : roles,
    ...(clientMode !== undefined && isPlain(clientMode) && { clientMode }),
    ...(kind && { kind }),
    scopes: { within: scopes },
    ...(commands.length > 0 && { commands: { within: commands } }),
    ...(device !== undefined && { device }),
  };
}

/** The word for the gateway's own host, else the address alone. */
function whereFrom(circumstances: Circumstances, policy: Policy): string | undefined {
  const { facts, ownAddresses = [] } = circumstances;
  const address = facts.remoteIp;
  if (!address) return undefined;
  if (facts.forwarded === false) {
    if (builtInRange('loopback').some((range) => networkContains(range, address))) {
      return 'loopback';
    }
    const isOwn = ownAddresses.some((own) => isSameAddress(own, address));
    if (isOwn && policy.tailnet.some((range) => networkContains(range, address))) {
      return 'own-tailnet';
    }
  }
  return `${address.text}/${address.family === 4 ? 32 : 128}`;
}

/** Whether a text can be shown and pasted as it is. */
function isPlain(text: string): boolean {
  return text !== '' && text.length <= MAX_TEXT && visible(text) === text;
}

function warningsOf({ decision }: Explanation, facts: Facts): readonly string[] {
  const full = FULL_CONTROL_SCOPES.filter((right) =>
    facts.scopes?.some((scope) => scopeGrants(scope, right)),
  );
  const warnings: string[] = [];
  if (full.length > 0) {
    const what = full.join(' and ');
    warnings.push(`this grants ${what}: full control of the gateway, without a person looking`);
  }
  if (facts.commands?.includes('system.run')) {
    warnings.push('this lets the gateway run any program on the node (system.run)');
  }
  if (decision.cause === 'limit') {
    warnings.push(`this goes around the limit of the rule ${decision.rule}`);
  }
  if (!facts.deviceId && !facts.publicKey) {
    warnings.push('no device is pinned: whoever connects from this address gets the same');
  }
  if (facts.forwarded === true) {
    warnings.push("the address came out of a proxy's header");
  }
  return warnings;
}

/** An id made of the facts that no rule has yet. */
function freeId({ facts }: Circumstances, policy: Policy): string {
  const address = facts.remoteIp?.text.replace(/[.:]+/g, '-').replace(/^-|-$/g, '');
  const device = (facts.deviceId ?? facts.publicKey)?.slice(0, 8);
  const parts = [...(facts.roles ?? []), address, device];
  const base = parts.filter((part) => part !== undefined && part !== '').join('-');
  const taken = new Set(policy.rules.map((rule) => rule.id));
  let id = base;
  for (let i = 2; taken.has(id); i += 1) id = `${base}-${i}`;
  return id;
}

function toYaml(id: string, when: When, warnings: readonly string[]): string {
  const { Document } = yamlPackage();
  const document = new Document({ version: 1, rules: [{ id, action: 'approve', when }] });
  for (const key of ['role', 'scopes', 'commands']) {
    const node = document.getIn(['rules', 0, 'when', key], true) as Partial<YAMLMap> | undefined;
    if (node && 'items' in node) node.flow = true;
  }
  const comments = warnings.map((warning) => `# WARNING: ${visible(warning)}\n`).join('');
  return comments + document.toString({ lineWidth: 0 });
}

/** Loads what would be pasted and decides with it: undefined where it does what it is for. */
function findFault(
  yaml: string,
  policy: Policy,
  { rules }: Explanation,
  circumstances: Circumstances,
  book: LimitBook,
): string | undefined {
  // What is false for this connect has no say in its decision.
  const others = rules.filter(({ value }) => value !== false).map(({ rule }) => rule);
  try {
    const added = buildPolicy([{ path: 'suggestion.yaml', text: yaml, kind: 'policy' }]).document;
    const both = compilePolicy({ ...policy, rules: [...others, ...added.rules] });
    const decision = both.decide(circumstances, book);
    return decision.action === 'approve' ? undefined : `a rule of its own: ${decision.reason}`;
  } catch (error) {
    if (!(error instanceof PairPolicyError)) throw error;
    return `a rule for just this could not be loaded: ${error.problems[0]?.message}`;
  }
}
