/** A policy and its tests before they are written: plain values with comments, and how they become YAML. */
import type { Action } from '../../model/index.js';

/** A value that is written in YAML's flow style. */
export type Fields = Readonly<Record<string, unknown>>;

/** A rule with its comment, and a connect that it decides. */
export interface DraftRule {
  readonly id: string;
  /** Lines above the rule. */
  readonly comment: readonly string[];
  readonly description: string;
  readonly reason?: string;
  readonly action: Action;
  readonly when: Fields;
  readonly unless?: Fields;
  readonly limit?: Fields;
  /** A connect that the rule decides, and what to call whoever makes it. */
  readonly example: { readonly subject: string; readonly connect: Fields };
}

/** A named list of addresses or devices. */
export interface DraftList {
  readonly comment: readonly string[];
  readonly name: string;
  readonly members: readonly string[];
}

/** A whole policy. */
export interface Draft {
  readonly header: readonly string[];
  readonly networks: readonly DraftList[];
  readonly devices: readonly DraftList[];
  readonly rules: readonly DraftRule[];
  /** What the tests are decided with. */
  readonly given: { readonly now: string; readonly ownAddresses: readonly string[] };
  /** Connects that are worth a test of their own. */
  readonly moreTests: readonly { readonly name: string; readonly connect: Fields }[];
}

/** A test as it is written. */
export interface DraftTest {
  readonly name: string;
  readonly connect: Fields;
  readonly expect: Fields;
}

/** The text of the policy; `schema` is the way to `policy.schema.json`. */
export function renderPolicy(draft: Draft, schema: string): string {
  const sections = [
    `${languageServerLine(schema)}#\n${comment('', draft.header)}version: 1\ndefault: hold\n`,
    renderLists('networks', draft.networks),
    renderLists('devices', draft.devices),
    `rules:\n${draft.rules.map(renderRule).join('\n')}`,
  ];
  return sections.filter((section) => section !== '').join('\n');
}

/** The text of the test file; `schema` is the way to `policy-tests.schema.json`. */
export function renderTests(
  tests: readonly DraftTest[],
  { now, ownAddresses }: Draft['given'],
  schema: string,
): string {
  const head = [
    languageServerLine(schema),
    '#\n# What the policy beside this file must decide. `pair-policy test` runs these.\n',
    `version: 1\ngiven:\n  now: ${now}\n  ownAddresses: ${flow(ownAddresses)}\n\ntests:\n`,
  ];
  return head.join('') + tests.map(renderTest).join('\n');
}

function languageServerLine(schema: string): string {
  return `# yaml-language-server: $schema=${schema}\n`;
}

function comment(indent: string, lines: readonly string[]): string {
  return lines.map((line) => `${indent}# ${line}\n`).join('');
}

function renderLists(key: string, lists: readonly DraftList[]): string {
  if (lists.length === 0) return '';
  const body = lists.map(({ comment: lines, name, members }) => {
    const line = `  ${name}: ${flow(members)}\n`;
    const column = members.map((member) => `    - ${flow(member)}\n`);
    return comment('  ', lines) + (line.length <= 80 ? line : `  ${name}:\n${column.join('')}`);
  });
  return `${key}:\n${body.join('')}`;
}

function renderRule(rule: DraftRule): string {
  const { id, description, reason, action, when, unless, limit } = rule;
  const lines = [
    `  - id: ${id}\n`,
    `    description: ${sentence(description)}\n`,
    reason === undefined ? '' : `    reason: ${sentence(reason)}\n`,
    `    action: ${action}\n`,
    block('    ', 'when', when),
    unless ? block('    ', 'unless', unless) : '',
    limit ? `    limit: ${flow(limit)}\n` : '',
  ];
  return comment('  ', rule.comment) + lines.join('');
}

function renderTest({ name, connect, expect }: DraftTest): string {
  const body =
    Object.keys(connect).length === 0 ? '    connect: {}\n' : block('    ', 'connect', connect);
  return `  - name: ${sentence(name)}\n${body}    expect: ${flow(expect)}\n`;
}

function block(indent: string, key: string, fields: Fields): string {
  const lines = Object.entries(fields).map(
    ([name, value]) => `${indent}  ${name}: ${flow(value)}\n`,
  );
  return `${indent}${key}:\n${lines.join('')}`;
}

/** A value on one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'string') return isPlainWord(value) ? value : quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, inner]) => `${key}: ${flow(inner)}`);
  return `{ ${entries.join(', ')} }`;
}

const KEYWORDS = /^(true|false|null|yes|no|on|off|y|n)$/i;

/** Whether YAML reads the bare text as this very string, whatever stands around it. */
function isPlainWord(text: string): boolean {
  const isWord = /^[A-Za-z0-9][\w./-]*$/.test(text);
  return isWord && Number.isNaN(Number(text)) && !KEYWORDS.test(text);
}

/** A text that stands alone on its line. */
function sentence(text: string): string {
  return /^[A-Za-z][\w ,.'/()-]*$/.test(text) && !KEYWORDS.test(text) ? text : quoted(text);
}

/** In double quotes, with all that is not printable ASCII escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
