/**
 * Files of text to one checked policy. Order never decides anything: files are taken by name, and
 * lists may be used before they are defined.
 */
import { createHash } from 'node:crypto';
import { PAIRED, type Place } from '../model/index.js';
import { parseYaml } from './parse-yaml.js';
import type { Policy, PolicyTest, Rule } from './policy.js';
import { compareTexts, type ProblemList, quote } from './problem-list.js';
import { childOf, NamedLists } from './resolve-lists.js';
import { inspectRule, resolveRule } from './resolve-rule.js';
import { resolveTests } from './resolve-tests.js';
import { policyFileSchema, type RuleDocument, testFileSchema } from './schema.js';
import type { SourceNode } from './source-node.js';
import { type FormFaults, validateForm } from './validate-form.js';

/** A policy or test file as text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly kind: 'policy' | 'tests';
}

/** A file that is YAML, with what in it is not of the right form. */
interface ParsedFile {
  readonly root: SourceNode;
  readonly faults: FormFaults;
}

/** Parses, checks and merges; the policy is absent where there is any error. */
export function mergePolicy(
  sources: readonly SourceFile[],
  problems: ProblemList,
): Policy | undefined {
  const files = [...sources].sort((a, b) => compareTexts(a.path, b.path));
  const lists = new NamedLists();
  const parse = (
    kind: SourceFile['kind'],
    schema: typeof policyFileSchema | typeof testFileSchema,
  ) =>
    files.flatMap((file) => {
      if (file.kind !== kind) return [];
      const { root, problems: yamlProblems } = parseYaml(file.text, file.path);
      problems.addAll(yamlProblems);
      const faults = root && validateForm(schema, root, problems);
      // What stands in a part that cannot be read is not missing.
      if (!faults || hidesLists(root, faults)) lists.assumeMore();
      return faults ? [{ root, faults }] : [];
    });
  const policies = parse('policy', policyFileSchema);
  const tests = parse('tests', testFileSchema);
  const policy = resolveAll(policies, tests, lists, problems);
  return problems.hasErrors() ? undefined : { ...policy, files: files.map((file) => file.path) };
}

function resolveAll(
  files: readonly ParsedFile[],
  testFiles: readonly ParsedFile[],
  lists: NamedLists,
  problems: ProblemList,
): Omit<Policy, 'files'> {
  for (const { root } of files) lists.read(root, problems);
  const rules = files.flatMap((file) => resolveRules(file, lists, problems));
  refuseRepeated(
    'DUPLICATE_ID',
    rules.map((rule) => [rule.id, rule.idPlace]),
    problems,
  );
  const tests = [...files, ...testFiles].flatMap((file) =>
    resolveTests(file.root, soundTests(file), problems),
  );
  refuseRepeated(
    'DUPLICATE_NAME',
    tests.map((test) => [test.name, test.place]),
    problems,
  );
  if (!problems.hasErrors()) refuseUnknownRules(tests, rules, problems);
  return {
    default: mergeDefault(files, problems),
    rules,
    tests,
    lists: lists.all(),
    tailnet: lists.tailnet(),
    revision: revisionOf(files),
  };
}

/** Whether the names that a file defines may not all be known. */
function hidesLists(root: SourceNode, { at, tainted }: FormFaults): boolean {
  const parts = [childOf(root, 'networks'), childOf(root, 'devices')];
  return at.has(root) || parts.some((part) => part && tainted.has(part));
}

function resolveRules(
  { root, faults }: ParsedFile,
  lists: NamedLists,
  problems: ProblemList,
): readonly Rule[] {
  return (childOf(root, 'rules')?.items ?? []).flatMap((node) => {
    if (!faults.tainted.has(node)) {
      return [resolveRule(node.value as RuleDocument, node, lists, problems)];
    }
    inspectRule(node, faults.tainted, lists, problems);
    return [];
  });
}

/** The tests of a file that are of the right form. */
function soundTests({ root, faults }: ParsedFile): readonly SourceNode[] {
  return (childOf(root, 'tests')?.items ?? []).filter((node) => !faults.tainted.has(node));
}

function mergeDefault(files: readonly ParsedFile[], problems: ProblemList): 'hold' | 'deny' {
  const [first, ...others] = files.flatMap((file) => childOf(file.root, 'default') ?? []);
  for (const node of others) {
    const message = `\`default\` is said already at ${first?.place.file}:${first?.place.line}`;
    problems.error('DUPLICATE_DEFAULT', node.place, message, 'keep it in one file');
  }
  return first?.value === 'deny' ? 'deny' : 'hold';
}

function refuseRepeated(
  code: 'DUPLICATE_ID' | 'DUPLICATE_NAME',
  named: readonly (readonly [string, Place])[],
  problems: ProblemList,
): void {
  const seen = new Map<string, Place>();
  for (const [name, place] of named) {
    const before = seen.get(name);
    if (!before) {
      seen.set(name, place);
      continue;
    }
    const where =
      before.file === place.file ? `line ${before.line}` : `${before.file}:${before.line}`;
    problems.error(
      code,
      place,
      `${quote(name)} stands twice, first at ${where}`,
      'rename one of them',
    );
  }
}

function refuseUnknownRules(
  tests: readonly PolicyTest[],
  rules: readonly Rule[],
  problems: ProblemList,
): void {
  const ids = new Set([PAIRED, ...rules.map((rule) => rule.id)]);
  for (const test of tests) {
    const { rule } = test.expect;
    if (typeof rule !== 'string' || ids.has(rule)) continue;
    const message = `the test expects the rule ${quote(rule)}, which does not exist`;
    problems.error(
      'UNKNOWN_NAME',
      test.place,
      message,
      'name a rule of the policy, or `null` for none',
    );
  }
}

/** A hash of all that can matter to a decision, the same however it is laid out in YAML. */
function revisionOf(files: readonly ParsedFile[]): string {
  const meaning = files.map(({ root }) =>
    ['default', 'networks', 'devices', 'rules'].map((key) => childOf(root, key)?.value ?? null),
  );
  return createHash('sha256').update(canonicalJson(meaning)).digest('hex').slice(0, 16);
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => compareTexts(a, b)))
      : inner,
  );
}
