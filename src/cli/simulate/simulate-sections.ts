/** What a simulation has to say, as tables of plain text; how they look is the formats' own. */
import { basename } from 'node:path';
import { PAIRED } from '../../model/index.js';
import type { Column } from '../render/render-columns.js';
import { boundText, plural, showText } from '../render/show-value.js';
import type { SimulateOutput } from '../schemas/simulate-output.js';
import { howToFill } from './simulate-report.js';

/** One table with what is said above it. */
export interface Section {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** How many rows there are besides those shown. */
  readonly leftOut: number;
}

/** How many rows a table has at most. */
const MAX_ROWS = 20;
const ACTION_ORDER = ['approve', 'hold', 'deny'];

const NUMBER = { head: 'connects', align: 'right' } as const;

/** The sections that have something to say, in the order in which a person wants them. */
export function toSections(output: SimulateOutput): readonly Section[] {
  const { changes, outcomes, expectations } = output;
  const hasExpectations = expectations.met + expectations.failedCount > 0;
  return [
    ...[
      decisionsSection(output),
      neverMatchedSection(output),
      unknownFactsSection(output),
      unknownRulesSection(output),
      unmatchedSection(output),
    ].filter(hasRows),
    // That nothing changed or failed is worth a line, too.
    ...(outcomes.compared > 0 ? [changesSection('the recorded outcomes', outcomes)] : []),
    ...(changes ? [changesSection(changes.against, changes)] : []),
    ...(changes ? [ruleChangesSection(changes)].filter(hasRows) : []),
    ...(hasExpectations ? [expectationsSection(output)] : []),
  ];
}

function hasRows({ rows }: Section): boolean {
  return rows.length > 0;
}

/** What failed, in one line; empty where nothing did. */
export function failureLine({ failed }: SimulateOutput): string {
  const parts = failed.map(({ check, connects }) => `${plural(connects, 'connect')} ${check}`);
  return parts.length === 0 ? '' : `failed: ${parts.join(', ')}`;
}

function toSection(
  title: string,
  columns: readonly (Column | string)[],
  rows: readonly (readonly string[])[],
  leftOut = 0,
): Section {
  return {
    title,
    columns: columns.map((column) => (typeof column === 'string' ? { head: column } : column)),
    rows: rows.slice(0, MAX_ROWS).map((row) => row.map((cell) => showText(cell))),
    leftOut: leftOut + Math.max(0, rows.length - MAX_ROWS),
  };
}

function decisionsSection({ decisions }: SimulateOutput): Section {
  const order = (action: string) => ACTION_ORDER.indexOf(action);
  const sorted = [...decisions].sort(
    (a, b) => order(a.action) - order(b.action) || b.connects - a.connects,
  );
  const rows = sorted.map(({ action, rule, cause, connects }) => [
    action,
    rule ?? '(no rule)',
    cause,
    String(connects),
  ]);
  return toSection('Decisions', ['action', 'rule', 'cause', NUMBER], rows);
}

function neverMatchedSection({ rules }: SimulateOutput): Section {
  const never = rules.filter((rule) => rule.true === 0 && rule.id !== PAIRED);
  const rows = never.map(({ id, action, unknown }) => [id, action, String(unknown)]);
  const columns = ['rule', 'action', { head: 'unknown', align: 'right' } as const];
  return toSection('Rules that never matched', columns, rows);
}

function unknownFactsSection({ unknown }: SimulateOutput): Section {
  const rows = unknown.facts.map(({ fact, connects }) => [fact, String(connects), howToFill(fact)]);
  const title = `Held for unknown facts (${plural(unknown.connects, 'connect')})`;
  return toSection(title, ['fact', NUMBER, 'how to fill it in'], rows);
}

function unknownRulesSection({ rules }: SimulateOutput): Section {
  const often = rules.filter((rule) => rule.unknown > 0).sort((a, b) => b.unknown - a.unknown);
  const rows = often.map(({ id, action, unknown, missing }) => [
    id,
    action,
    String(unknown),
    missing.map(({ fact, connects }) => `${fact} (${connects})`).join(', '),
  ]);
  return toSection('Rules that were unknown', ['rule', 'action', NUMBER, 'for want of'], rows);
}

function unmatchedSection({ unmatched }: SimulateOutput): Section {
  const { connects, groups, others } = unmatched;
  const rows = groups.map((group) => [
    String(group.connects),
    listOf(group.roles),
    wordOf(group.clientMode),
    wordOf(group.kind),
    group.network,
    listOf(group.scopes),
    // The whole path would take the room of all that the connects have in common.
    placeOf({ ...group.sample, file: basename(group.sample.file) }),
  ]);
  const columns = [NUMBER, 'roles', 'clientMode', 'kind', 'network', 'scopes', 'first'];
  return toSection(
    `Met no rule (${plural(connects, 'connect')})`,
    columns,
    rows,
    others > 0 ? 1 : 0,
  );
}

type Changes = SimulateOutput['outcomes'];

function changesSection(against: string, changes: Changes): Section {
  const { compared, changed, newlyApproved, newlyDenied, newlyHeld } = changes;
  const title = [
    `Changed against ${showText(against)}: ${changed} of ${plural(compared, 'connect')}`,
    `(${newlyApproved} newly approved, ${newlyDenied} newly denied, ${newlyHeld} newly held)`,
  ].join(' ');
  const rows = changes.connects.map((change) => [
    change.change,
    placeOf(change),
    deviceOf(change),
    change.wasRule === undefined ? change.was : `${change.was} ${ruleOf(change.wasRule)}`,
    `${change.action} ${ruleOf(change.rule)}`,
  ]);
  const leftOut = changed - changes.connects.length;
  return toSection(title, ['change', 'connect', 'device', 'was', 'is'], rows, leftOut);
}

function ruleChangesSection({ ruleChanges }: Changes): Section {
  const rows = ruleChanges.map(({ action, was, rule, connects }) => [
    action,
    ruleOf(was),
    ruleOf(rule),
    String(connects),
  ]);
  return toSection('The same action by another rule', ['action', 'was', 'is', NUMBER], rows);
}

function expectationsSection({ expectations }: SimulateOutput): Section {
  const { met, failed, failedCount } = expectations;
  const rows = failed.map((one) => [
    placeOf(one),
    deviceOf(one),
    one.expect,
    one.action,
    one.reason,
  ]);
  const title = `Expectations: ${met} met, ${failedCount} failed`;
  const columns = ['connect', 'device', 'expected', 'decided', 'why'];
  return toSection(title, columns, rows, failedCount - failed.length);
}

function ruleOf(rule: string | null): string {
  return rule ?? '(no rule)';
}

function placeOf({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file.length > 60 ? `…${file.slice(-59)}` : file}:${line}`;
}

function deviceOf(sample: {
  readonly deviceId: string | null;
  readonly displayName: string | null;
  readonly remoteIp: string | null;
}): string {
  const name = sample.displayName || (sample.deviceId?.slice(0, 8) ?? 'unknown');
  return `${boundText(name, 30)} at ${sample.remoteIp ?? 'unknown'}`;
}

/** A text that may be unknown or empty. */
function wordOf(text: string | null): string {
  return text === '' ? '""' : (text ?? 'unknown');
}

/** A list of what is asked for: unknown, empty, or its members. */
function listOf(list: readonly string[] | null): string {
  if (!list) return 'unknown';
  return list.length === 0 ? 'none' : list.join(', ');
}
