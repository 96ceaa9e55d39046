/** Checks a parsed file against its schema and says what is wrong in the words of the language. */
import * as z from 'zod';
import type { ProblemCode } from '../model/index.js';
import { listWords, suggestWord } from './did-you-mean.js';
import { type ProblemList, quote } from './problem-list.js';
import { keyPlaceAt, nodeAt, type Path, type SourceNode } from './source-node.js';

type Issue = z.core.$ZodIssue;

interface Reporting {
  readonly schema: z.ZodType;
  readonly root: SourceNode;
  readonly problems: ProblemList;
  /** Numbers whose form is a problem already: not told twice. */
  readonly numbers: ReadonlySet<SourceNode>;
}

/** The nodes of a file that are not of its schema's form. */
export interface FormFaults {
  /** Where the faults are. */
  readonly at: ReadonlySet<SourceNode>;
  /** Those, and all that hold them: everything else is what the schema says. */
  readonly tainted: ReadonlySet<SourceNode>;
}

/**
 * Adds a problem for each place where the file is not of the schema's form, and tells which nodes
 * have any, so that the meaning of the others can be checked in the same run.
 */
export function validateForm(
  schema: z.ZodType,
  root: SourceNode,
  problems: ProblemList,
): FormFaults {
  const numbers = reportNumberForms(root, problems);
  const at = new Set(numbers);
  const tainted = new Set<SourceNode>();
  for (const issue of schema.safeParse(root.value).error?.issues ?? []) {
    const node = nodeAt(root, issue.path);
    if (!at.has(node) || node.written === undefined) {
      reportIssue({ schema, root, problems, numbers }, issue, []);
    }
    at.add(node);
    for (let length = 0; length <= issue.path.length; length += 1) {
      tainted.add(nodeAt(root, issue.path.slice(0, length)));
    }
  }
  return { at, tainted };
}

const PLAIN_NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;

/** `010`, `0o10`, `0x10`, `1e3`, `.inf`: each means something else to somebody. */
function reportNumberForms(root: SourceNode, problems: ProblemList): ReadonlySet<SourceNode> {
  const found = new Set<SourceNode>();
  const visit = (node: SourceNode): void => {
    if (typeof node.value === 'number' && !PLAIN_NUMBER.test(node.written ?? '0')) {
      found.add(node);
      const written = node.written ?? '';
      const message = `${quote(written)} would be the number ${node.value} here`;
      const hint = `write \`"${written}"\` if a text is meant, else the number in plain decimal digits`;
      problems.error('NUMBER_FORM', node.place, message, hint);
    }
    for (const item of node.items ?? []) visit(item);
    for (const entry of node.entries?.values() ?? []) visit(entry.node);
  };
  visit(root);
  return found;
}

function reportIssue(reporting: Reporting, issue: Issue, base: Path): void {
  const { root, problems, numbers } = reporting;
  const path = [...base, ...issue.path];
  const node = nodeAt(root, path);
  if (numbers.has(node)) return;
  const add = (code: ProblemCode, message: string, hint: string) =>
    problems.error(code, node.place, message, hint);
  if (isBareSet(path, node)) {
    reportBareSet(path, node, problems);
  } else if (issue.code === 'unrecognized_keys') {
    reportUnknownKeys(reporting, path, issue.keys);
  } else if (issue.code === 'invalid_union') {
    reportUnion(reporting, issue, path);
  } else if (issue.code === 'invalid_value') {
    if (node.value === undefined || isMissing(root, path))
      reportMissing(root, path, problems, issue.values);
    else reportWrongWord(add, node, issue.values.map(String));
  } else if (issue.code === 'invalid_type' && isMissing(root, path)) {
    reportMissing(root, path, problems);
  } else if (issue.code === 'invalid_type') {
    add(
      'WRONG_TYPE',
      `${quoteNode(node)} is not ${article(issue.expected)}`,
      typeHint(node, issue.expected),
    );
  } else if (issue.code === 'too_small') {
    add('WRONG_TYPE', `${quoteNode(node)} is too small`, `write ${issue.minimum} or more`);
  } else {
    add('WRONG_TYPE', `${quoteNode(node)} cannot stand here`, 'see the language reference');
  }
}

/** A set that is written as a lone word or a list; `within` is what is meant, never the wildcard. */
function isBareSet(path: Path, node: SourceNode): boolean {
  const isSet = ['scopes', 'commands', 'roles'].includes(String(path.at(-1)));
  const isCondition = ['when', 'unless'].includes(String(path.at(-2)));
  return isSet && isCondition && !node.entries && node.value !== null;
}

function reportBareSet(path: Path, node: SourceNode, problems: ProblemList): void {
  const words = [node.value].flat().slice(0, 4).map(String).join(', ');
  const hint = `write \`${String(path.at(-1))}: { within: [${words}] }\``;
  problems.error('WRONG_TYPE', node.place, `${quoteNode(node)} is not a set`, hint);
}

function isMissing(root: SourceNode, path: Path): boolean {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  return typeof last === 'string' && parent.entries !== undefined && !parent.entries.has(last);
}

function reportMissing(
  root: SourceNode,
  path: Path,
  problems: ProblemList,
  values: readonly unknown[] = [],
): void {
  const key = String(path.at(-1));
  const parent = nodeAt(root, path.slice(0, -1));
  const place = { ...parent.place, endLine: parent.place.line, endColumn: parent.place.column };
  const hint =
    values.length > 0
      ? `add \`${key}: ${values.map(String).join(' | ')}\``
      : `add \`${key}: …\` here`;
  problems.error('MISSING_KEY', place, `\`${key}\` is missing`, hint);
}

function reportWrongWord(
  add: (code: ProblemCode, message: string, hint: string) => void,
  node: SourceNode,
  values: readonly string[],
): void {
  if (values.length === 1 && node.value !== null) {
    add('WRONG_WORD', `${quoteNode(node)} cannot stand here`, `write \`${values[0]}\``);
  } else if (typeof node.value !== 'string') {
    add('WRONG_TYPE', `${quoteNode(node)} is not a word`, `use ${listWords(values)}`);
  } else if (node.value === 'approve' && !values.includes('approve')) {
    add(
      'WRONG_WORD',
      '`approve` cannot be the default',
      'use `hold` or `deny`, and a rule for what to approve',
    );
  } else {
    add('WRONG_WORD', `unknown word ${quote(node.value)}`, suggestWord(node.value, values));
  }
}

function reportUnknownKeys(
  { schema, root, problems }: Reporting,
  path: Path,
  keys: readonly string[],
): void {
  const known = knownKeys(schema, path);
  for (const key of keys) {
    if (problems.isFull()) return;
    const place = keyPlaceAt(root, [...path, key]);
    const hint = known.length > 0 ? suggestWord(key, known) : 'remove it';
    problems.error('UNKNOWN_KEY', place, `unknown key ${quote(key)}`, hint);
  }
}

/** A union failed: the alternative that comes nearest to what is written speaks. */
function reportUnion(
  reporting: Reporting,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
): void {
  const { root, problems } = reporting;
  const node = nodeAt(root, path);
  if (isMissing(root, path)) {
    reportMissing(root, path, problems);
    return;
  }
  const fits = issue.errors.filter((branch) => !branch.some((inner) => isOfOtherType(inner)));
  const speaking = fits[0] ?? issue.errors.find((branch) => branch[0]?.code === 'invalid_value');
  if (speaking && !(Array.isArray(node.value) && fits.length === 0)) {
    for (const inner of speaking) reportIssue(reporting, inner, path);
    return;
  }
  const types = issue.errors
    .flatMap((branch) => branch.map(expectedOf))
    .filter((type) => type !== '');
  const expected = [...new Set(types)];
  const message = `${quoteNode(node)} is not ${expected.map(article).join(' or ')}`;
  problems.error('WRONG_TYPE', node.place, message, typeHint(node, expected[0] ?? ''));
}

/** Whether an alternative failed at its root for being of another type altogether. */
function isOfOtherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_type') return true;
  return issue.code === 'invalid_value' && typeof issue.input !== 'string';
}

function expectedOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return issue.expected;
  return issue.code === 'invalid_value' ? 'word' : '';
}

function article(type: string): string {
  const words: Record<string, string> = {
    string: 'a text',
    word: 'one of the words',
    array: 'a list',
    object: 'a mapping of keys to values',
    record: 'a mapping of keys to values',
    boolean: '`true` or `false`',
    number: 'a number',
    int: 'a whole number',
    null: '`null`',
  };
  return words[type] ?? type;
}

function quoteNode(node: SourceNode): string {
  if (node.value === null && (node.written ?? '') === '') return 'nothing';
  if (node.items) return 'this list';
  if (node.entries) return 'this mapping';
  // Quotes are shown where they are the mistake: `"1"` is no number.
  if (typeof node.value === 'string' && node.written === undefined) {
    return quote(JSON.stringify(node.value));
  }
  return quote(node.written ?? node.value);
}

function typeHint(node: SourceNode, expected: string): string {
  const written = node.written ?? '';
  if (expected === 'boolean' && /^(y|yes|on)$/i.test(String(node.value))) return 'write `true`';
  if (expected === 'boolean' && /^(n|no|off)$/i.test(String(node.value))) return 'write `false`';
  if (isQuotedValue(node, expected)) return `write \`${String(node.value)}\` without quotes`;
  const isScalarValue = typeof node.value === 'number' || typeof node.value === 'boolean';
  if (expected === 'string' && isScalarValue) return `write \`"${written}"\` if a text is meant`;
  if (expected === 'array') return 'write a list, such as `[a, b]`';
  return `write ${article(expected)}`;
}

/** Whether a text between quotes would be what is expected without them. */
function isQuotedValue(node: SourceNode, expected: string): boolean {
  if (typeof node.value !== 'string' || node.written !== undefined) return false;
  if (expected === 'boolean') return node.value === 'true' || node.value === 'false';
  return (expected === 'number' || expected === 'int') && PLAIN_NUMBER.test(node.value);
}

/** The keys that may stand in the mapping at a path, by the schema. */
export function knownKeys(schema: z.ZodType, path: Path): readonly string[] {
  let schemas: readonly z.ZodType[] = [schema];
  for (const step of path) schemas = schemas.flatMap((one) => stepInto(one, step));
  return schemas
    .flatMap(alternatives)
    .flatMap((one) => (one instanceof z.ZodObject ? Object.keys(one.shape) : []));
}

function alternatives(schema: z.ZodType): readonly z.ZodType[] {
  if (schema instanceof z.ZodOptional) return alternatives(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodUnion) return (schema.options as z.ZodType[]).flatMap(alternatives);
  return [schema];
}

function stepInto(schema: z.ZodType, step: PropertyKey): readonly z.ZodType[] {
  return alternatives(schema).flatMap((one) => {
    if (one instanceof z.ZodObject)
      return one.shape[String(step)] ? [one.shape[String(step)] as z.ZodType] : [];
    if (one instanceof z.ZodArray) return [one.element as z.ZodType];
    return one instanceof z.ZodRecord ? [one.valueType as z.ZodType] : [];
  });
}
