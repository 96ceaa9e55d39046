/** One rule as written becomes one rule as meant. */
import type { Action } from '../model/index.js';
import { checkBounds } from './check-bounds.js';
import type { Condition, Limit, Rule } from './policy.js';
import { type ProblemList, quote } from './problem-list.js';
import { resolveConditions } from './resolve-conditions.js';
import { childOf, type NamedLists } from './resolve-lists.js';
import { resolveDuration, resolveInstant } from './resolve-time.js';
import { isName, type RuleDocument } from './schema.js';
import { keyPlaceAt, nodeAt, type SourceNode } from './source-node.js';

/** Resolves a rule of a file that has the right form. */
export function resolveRule(
  document: RuleDocument,
  node: SourceNode,
  lists: NamedLists,
  problems: ProblemList,
): Rule {
  const { id, action, description, reason } = document;
  const idPlace = nodeAt(node, ['id']).place;
  if (!isName(id)) {
    problems.error(
      'INVALID_NAME',
      idPlace,
      `${quote(id)} cannot be an id`,
      'use letters, digits, `_`, `-`, `.`',
    );
  }
  const conditions = (key: string) => {
    const child = childOf(node, key);
    return child && resolveConditions(child, lists, problems);
  };
  const before = problems.errorCount();
  const when = withImplied(action, conditions('when') ?? [], node);
  const expiresNode = childOf(node, 'expires');
  const rule: Rule = {
    id,
    action,
    description,
    reason,
    when,
    unless: conditions('unless'),
    limit: resolveLimit(document, node, problems),
    expires: expiresNode && resolveInstant(expiresNode, problems),
    place: node.place,
    idPlace,
    expiresPlace: expiresNode?.place,
  };
  // A bound that could not be read is a problem already: not told twice.
  if (action === 'approve' && problems.errorCount() === before) checkBounds(rule, problems);
  return rule;
}

/** Adds the problems of those parts of a rule that have the right form, where others have not. */
export function inspectRule(
  node: SourceNode,
  tainted: ReadonlySet<SourceNode>,
  lists: NamedLists,
  problems: ProblemList,
): void {
  const sound = (parent: SourceNode | undefined, key: string) => {
    const child = parent && childOf(parent, key);
    return child && !tainted.has(child) ? child : undefined;
  };
  for (const key of ['when', 'unless']) {
    const child = childOf(node, key);
    if (child?.entries) resolveConditions(child, lists, problems, tainted);
  }
  const expires = sound(node, 'expires');
  if (expires) resolveInstant(expires, problems);
  const per = sound(childOf(node, 'limit'), 'per');
  if (per) resolveDuration(per, problems);
}

/** An approve rule approves no commands unless it says so. */
function withImplied(
  action: Action,
  when: readonly Condition[],
  node: SourceNode,
): readonly Condition[] {
  if (action !== 'approve' || when.some((condition) => condition.key === 'commands')) return when;
  const written = { within: [] };
  const place = keyPlaceAt(node, ['when']);
  return [...when, { key: 'commands', forms: { within: [] }, place, written, implied: true }];
}

function resolveLimit(
  document: RuleDocument,
  node: SourceNode,
  problems: ProblemList,
): Limit | undefined {
  const limit = document.limit;
  if (!limit) return undefined;
  if (document.action !== 'approve') {
    const message = `\`limit\` counts approvals, and this rule is to ${document.action}`;
    problems.error('LIMIT_WITHOUT_APPROVE', keyPlaceAt(node, ['limit']), message, 'remove `limit`');
  }
  const perMs =
    limit.per === undefined ? undefined : resolveDuration(nodeAt(node, ['limit', 'per']), problems);
  return { max: limit.max, perMs, by: limit.by ?? 'rule' };
}
