/** The tests of a policy or test file, with the `given` that holds for each. */
import { ACTIONS, isOneOf, normaliseAddresses, normaliseRecord } from '../model/index.js';
import { closestWord } from './did-you-mean.js';
import type { Given, PolicyTest } from './policy.js';
import { type ProblemList, quote } from './problem-list.js';
import { childOf } from './resolve-lists.js';
import { resolveInstant } from './resolve-time.js';
import type { TestCaseDocument } from './schema.js';
import { keyPlaceAt, type SourceNode } from './source-node.js';

/** Resolves those tests of one file that have the right form. */
export function resolveTests(
  root: SourceNode,
  tests: readonly SourceNode[],
  problems: ProblemList,
): readonly PolicyTest[] {
  const common = resolveGiven(childOf(root, 'given'), problems);
  return tests.map((node) => resolveTest(node, common, problems));
}

function resolveTest(node: SourceNode, common: Given, problems: ProblemList): PolicyTest {
  const { name, connect, expect } = node.value as TestCaseDocument;
  const nameNode = childOf(node, 'name') ?? node;
  if (name.trim() === '') {
    problems.error(
      'EMPTY_VALUE',
      nameNode.place,
      'a test without a name',
      'write a sentence that says what is true',
    );
  }
  const connectNode = childOf(node, 'connect');
  if (connectNode) warnUnknownFacts(connectNode, problems);
  return {
    name,
    given: { ...common, ...resolveGiven(childOf(node, 'given'), problems) },
    connect,
    expect: isOneOf(ACTIONS, expect) ? { action: expect } : withoutUndefined(expect),
    place: nameNode.place,
  };
}

function withoutUndefined(
  expect: Exclude<TestCaseDocument['expect'], string>,
): PolicyTest['expect'] {
  return {
    action: expect.action,
    ...(expect.rule !== undefined && { rule: expect.rule }),
    ...(expect.cause !== undefined && { cause: expect.cause }),
  };
}

function resolveGiven(node: SourceNode | undefined, problems: ProblemList): Given {
  if (!node) return {};
  const now = childOf(node, 'now');
  const own = childOf(node, 'ownAddresses');
  return {
    ...(now && { now: now.value === null ? null : (resolveInstant(now, problems) ?? null) }),
    ...(own && { ownAddresses: resolveOwn(own, problems) }),
  };
}

function resolveOwn(
  node: SourceNode,
  problems: ProblemList,
): NonNullable<Given['ownAddresses']> | null {
  if (node.value === null) return null;
  const addresses = normaliseAddresses(node.value);
  if (addresses) return addresses;
  for (const item of node.items ?? []) {
    if (normaliseAddresses([item.value])) continue;
    problems.error(
      'INVALID_ADDRESS',
      item.place,
      `${quote(item.value)} is no address`,
      'write a lone address, without a prefix',
    );
  }
  return null;
}

/** Facts that a test writes down but that are unknown for how they are written: mostly a slip. */
function warnUnknownFacts(node: SourceNode, problems: ProblemList): void {
  const facts: Readonly<Record<string, unknown>> = { ...normaliseRecord(node.value) };
  for (const [name, { node: value }] of node.entries ?? []) {
    const fact = name === 'role' ? 'roles' : name;
    const dependsOnLogin = name === 'authUser';
    if (value.value === null || dependsOnLogin || !(fact in facts) || facts[fact] !== undefined)
      continue;
    const message = `${quote(name)} is unknown to this test: ${quote(value.written ?? value.value)} is not of its form`;
    problems.add(
      'warning',
      'TEST_FACT_UNKNOWN',
      value.place,
      message,
      `write \`${name}: null\` if that is meant`,
    );
  }
  for (const name of node.entries?.keys() ?? []) {
    if (name === 'role' || name in facts || OTHER_FIELDS.has(name)) continue;
    const message = `${quote(name)} is no fact, so it is ignored`;
    const place = keyPlaceAt(node, [name]);
    const near = problems.isFull() ? undefined : closestWord(name, Object.keys(facts));
    const hint = near ? `did you mean \`${near}\`?` : 'see the table of facts';
    problems.add('warning', 'TEST_FACT_UNKNOWN', place, message, hint);
  }
}

/** Fields of a connect record that are no facts. */
const OTHER_FIELDS: ReadonlySet<string> = new Set(['context', 'expect', 'outcome']);
