/** The conditions of a `when` or `unless`: names looked up, values parsed, each with its place. */
import { isOneOf, type Network } from '../model/index.js';
import { checkLogic } from './check-logic.js';
import { closestWord, suggestWord } from './did-you-mean.js';
import type { AddressSource, Condition, ConditionTest, SetForms } from './policy.js';
import { type ProblemList, quote } from './problem-list.js';
import {
  addDevice,
  builtInRange,
  FROM_WORDS,
  listItems,
  type NamedLists,
  resolveNetwork,
} from './resolve-lists.js';
import { resolveHours } from './resolve-time.js';
import { CONDITION_KEYS, type ConditionKey } from './schema.js';
import { keyPlaceAt, type SourceNode } from './source-node.js';

interface Resolving {
  readonly lists: NamedLists;
  readonly problems: ProblemList;
}

/**
 * Resolves a mapping of conditions; what is wrong is added to the problems and left out, and so is
 * what is `tainted` because its form was refused already.
 */
export function resolveConditions(
  node: SourceNode,
  lists: NamedLists,
  problems: ProblemList,
  tainted: ReadonlySet<SourceNode> = new Set(),
): readonly Condition[] {
  if (node.entries?.size === 0) {
    problems.error('EMPTY_VALUE', node.place, 'there is no condition here', 'name at least one');
  }
  return [...(node.entries ?? [])].flatMap(([key, { node: value }]) => {
    if (tainted.has(value)) return [];
    const test = resolveCondition(key as ConditionKey, value, { lists, problems });
    return test ? [{ ...test, place: keyPlaceAt(node, [key]), written: value.value }] : [];
  });
}

function resolveCondition(
  key: ConditionKey,
  node: SourceNode,
  resolving: Resolving,
): ConditionTest | undefined {
  const { problems } = resolving;
  switch (key) {
    case 'from':
      return { key, sources: resolveSources(node, resolving) };
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return { key, words: texts(node, problems) };
    case 'role':
      return { key, forms: { within: texts(node, problems) } };
    case 'roles':
      return { key, forms: resolveForms(node, key, problems) };
    case 'scopes':
    case 'commands':
      return { key, forms: node.entries ? resolveForms(node, key, problems) : 'anything' };
    case 'device':
      return resolveDevices(node, resolving);
    case 'forwarded':
      return { key, value: node.value === true };
    case 'time': {
      const hours = resolveHours(node, problems);
      return hours && { key, hours };
    }
    case 'logic':
      checkLogic(node, problems);
      return { key, expression: node.value };
    default:
      return isOneOf(CONDITION_KEYS, key) ? { key, patterns: texts(node, problems) } : undefined;
  }
}

function texts(node: SourceNode, problems: ProblemList): readonly string[] {
  return listItems(node, problems).map((item) => String(item.value));
}

function resolveSources(node: SourceNode, resolving: Resolving): readonly AddressSource[] {
  return listItems(node, resolving.problems).flatMap((item) => {
    const source = resolveSource(item, resolving);
    return source ? [source] : [];
  });
}

function resolveSource(
  node: SourceNode,
  { lists, problems }: Resolving,
): AddressSource | undefined {
  const text = String(node.value);
  const ranges = (networks: readonly Network[] | undefined): AddressSource | undefined =>
    networks && { kind: 'networks', text, networks };
  if (text.startsWith('@')) return ranges(lists.networks(node, problems));
  if (text === 'tailnet') return ranges(lists.tailnet());
  if (text === 'private') return ranges(builtInRange('private'));
  if (isOneOf(FROM_WORDS, text)) return { kind: text as 'loopback', text };
  if (/^[a-z][a-z-]*$/i.test(text)) {
    const hint = lists.hasNetwork(text)
      ? `did you mean \`"@${text}"\`?`
      : closestWord(text, FROM_WORDS)
        ? suggestWord(text, FROM_WORDS)
        : 'write an address, a CIDR, an `"@network"`, or `loopback`, `own-tailnet`, `own-address`, `tailnet`, `private`, `anywhere`';
    problems.error('INVALID_ADDRESS', node.place, `${quote(text)} is no word of \`from\``, hint);
    return undefined;
  }
  const network = resolveNetwork(node, problems);
  return ranges(network && [network]);
}

function resolveDevices(node: SourceNode, { lists, problems }: Resolving): ConditionTest {
  const ids: string[] = [];
  const keys: string[] = [];
  for (const item of listItems(node, problems)) {
    if (String(item.value).startsWith('@')) {
      const group = lists.devices(item, problems);
      ids.push(...(group?.ids ?? []));
      keys.push(...(group?.keys ?? []));
    } else {
      addDevice(item, ids, keys, problems);
    }
  }
  return { key: 'device', ids: [...new Set(ids)], keys: [...new Set(keys)] };
}

function resolveForms(
  node: SourceNode,
  key: 'roles' | 'scopes' | 'commands',
  problems: ProblemList,
): SetForms {
  if (node.entries?.size === 0) {
    problems.error(
      'EMPTY_VALUE',
      node.place,
      'this set asks for nothing',
      'use `within`, `all`, `any` or `none`',
    );
  }
  const forms: Record<string, readonly string[]> = {};
  for (const [form, { node: list }] of node.entries ?? []) {
    // Only `within: []` says something: that nothing may be asked for.
    forms[form] = form === 'within' ? textsOf(list) : texts(list, problems);
    if (key === 'scopes') for (const item of list.items ?? []) checkScope(item, problems);
  }
  return forms;
}

function textsOf(node: SourceNode): readonly string[] {
  return (node.items ?? []).map((item) => String(item.value));
}

function checkScope(node: SourceNode, problems: ProblemList): void {
  const scope = String(node.value);
  if (scope.includes('*')) {
    const hint = 'list the scopes, or write `scopes: any-scopes`';
    problems.error('INVALID_SCOPE', node.place, `${quote(scope)}: a scope has no wildcard`, hint);
  } else if (scope === '' || /[\s\p{Cc}]/u.test(scope)) {
    problems.error(
      'INVALID_SCOPE',
      node.place,
      `${quote(scope)} can be no scope`,
      'remove the white space',
    );
  }
}
