/** An explanation for a person: the decision first, then the facts, the rules, and what would have changed it. */

import { listSome, plural, showText, showValue } from '../render/show-value.js';
import type { ExplainOutput } from '../schemas/explain-output.js';
import type { Paint } from '../terminal.js';
import { showTime } from './describe-condition.js';

type Rule = ExplainOutput['rules'][number];
type Condition = Rule['conditions'][number];
/** The facts that are known, as they are shown. */
type Values = ReadonlyMap<string, string>;

/** How many of a list are shown. */
const MAX_SHOWN = 3;
const MAX_REASON = 400;
const MAX_WANTED = 120;
const WIDTH = 16;
const COLOURS = { approve: 'green', hold: 'yellow', deny: 'red' } as const;

/** Renders an explanation; every line of it is bounded but those of the YAML. */
export function renderExplanation(output: ExplainOutput, paint: Paint): string {
  const values: Values = new Map(
    output.facts.flatMap(({ fact, value }) =>
      value === null ? [] : [[fact, showFactValue(fact, value)] as const],
    ),
  );
  const sections = [
    renderDecision(output, paint),
    section('Facts', factLines(output.facts, paint), paint),
    section(
      'Rules',
      output.rules.flatMap((rule) => ruleLines(rule, values, paint)),
      paint,
    ),
    section('Scopes', scopeLines(output.scopes), paint),
    section('Missing facts', missingLines(output.missing, paint), paint),
    section('Near misses', nearMissLines(output, paint), paint),
    renderSuggestion(output, paint),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  if (lines.length === 0) return '';
  return `${paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function renderDecision({ decision, record, policy }: ExplainOutput, paint: Paint): string {
  const { action, rule, cause, reason } = decision;
  const by = rule === null ? '' : ` by ${showText(rule)}`;
  const place = record.line === null ? record.file : `${record.file}:${record.line}`;
  const files = listSome(policy.files, MAX_SHOWN);
  const sources = `${showText(place ?? 'flags')}; policy ${policy.revision} (${files})`;
  return [
    `${paint(['bold', COLOURS[action]], action)}${by} (${cause}): ${showText(reason, MAX_REASON)}\n`,
    `${paint('dim', sources)}\n`,
  ].join('');
}

function factLines(facts: ExplainOutput['facts'], paint: Paint): readonly string[] {
  const known = facts
    .filter(({ value }) => value !== null)
    .map(({ fact, value, from }) => {
      const shown = showFactValue(fact, value);
      const source = from === null || from === 'record' ? '' : paint('dim', `  (${from})`);
      return `${fact.padEnd(WIDTH)} ${shown}${source}`;
    });
  const unknown = facts.filter(({ value }) => value === null).map(({ fact }) => fact);
  const line = `${'unknown'.padEnd(WIDTH)} ${unknown.join(', ')}`;
  return unknown.length > 0 ? [...known, paint('yellow', line)] : known;
}

function ruleLines(rule: Rule, values: Values, paint: Paint): readonly string[] {
  const note = rule.takesPart ? '' : paint('dim', '  takes no part: the device is paired already');
  return [
    `${mark(rule.value, paint)} ${paint(COLOURS[rule.action], rule.action)} ${showText(rule.id)}${note}`,
    ...rule.conditions.map((condition) => `    ${conditionLine(condition, values, paint)}`),
    ...(rule.expires ? [`    ${mark(rule.expires.ahead, paint)} expires: ${rule.expires.at}`] : []),
    ...(rule.limit ? [`    ${mark(rule.limit.room, paint)} limit: ${rule.limit.text}`] : []),
  ];
}

function conditionLine(condition: Condition, values: Values, paint: Paint): string {
  const { part, key, wanted, implied, value, reads } = condition;
  const name = part === 'unless' ? `unless ${key}` : key;
  const read = reads.map((fact) => `${fact} is ${values.get(fact) ?? 'unknown'}`);
  const said = `${name}: ${showValue(wanted, MAX_WANTED)}${implied ? ' (implied)' : ''}`;
  return `${mark(value, paint)} ${said}${read.length > 0 ? paint('dim', `  — ${read.join(', ')}`) : ''}`;
}

function showFactValue(fact: string, value: unknown): string {
  const isTime = (fact === 'now' || fact === 'ts') && typeof value === 'number';
  return isTime ? showTime(value) : showValue(value);
}

function mark(value: Rule['value'], paint: Paint): string {
  if (value === true) return paint('green', '✔');
  if (value === false) return paint('red', '✘');
  return paint('yellow', value === 'unknown' ? '?' : '!');
}

function scopeLines({ asked, approved, granted }: ExplainOutput['scopes']): readonly string[] {
  const show = (scopes: readonly string[]) => (scopes.length > 0 ? listSome(scopes, 12) : 'none');
  return [
    `${'asked for'.padEnd(WIDTH)} ${asked ? show(asked) : 'unknown'}`,
    ...(approved ? [`${'approved before'.padEnd(WIDTH)} ${show(approved)}`] : []),
    `${'would be granted'.padEnd(WIDTH)} ${granted ? show(granted) : 'none, whatever is asked for'}`,
  ];
}

function missingLines(missing: ExplainOutput['missing'], paint: Paint): readonly string[] {
  return missing.map(({ fact, decisive, rules, find }) => {
    const on = rules.length > 0 ? ` (${listSome(rules, MAX_SHOWN)})` : '';
    return `${decisive ? paint('yellow', fact) : fact}${on}: ${find}`;
  });
}

function nearMissLines(output: ExplainOutput, paint: Paint): readonly string[] {
  const { nearMisses, smallestChange } = output;
  const shown = nearMisses
    .slice(0, MAX_SHOWN)
    .flatMap(({ rule, distance, unmet, against }) => [
      `${showText(rule)}: ${plural(distance, 'condition')} away`,
      ...unmet.map(({ text }) => `    ${showText(text, MAX_REASON)}`),
      ...(against.length > 0 ? [`    against it: ${listSome(against)}`] : []),
    ]);
  if (nearMisses.length === 0) return [];
  if (!smallestChange) {
    return [...shown, 'no change of the connect was found that would be approved'];
  }
  const isNow = new Map(output.facts.map(({ fact, value }) => [fact, value]));
  const isSaidBy = ([fact]: [string, unknown]) =>
    // Of a device that is not known the id is enough.
    fact !== 'publicKey' || isNow.get(fact) !== null || !('deviceId' in smallestChange.change);
  const changes = Object.entries(smallestChange.change)
    .filter(isSaidBy)
    .map(([fact, value]) => {
      const before = isNow.get(fact) ?? null;
      const was = before === null ? 'unknown' : showFactValue(fact, before);
      return `    ${fact}: ${value === null ? 'unknown' : showFactValue(fact, value)}  (is ${was})`;
    });
  const head = `the smallest change that would be approved, by ${showText(smallestChange.rule)}:`;
  return [...shown, paint('bold', head), ...changes];
}

function renderSuggestion({ suggestion, decision }: ExplainOutput, paint: Paint): string {
  if (decision.action === 'approve') return '';
  const title = `${paint('bold', 'To approve just this kind of connect')}\n`;
  if (suggestion.yaml === null) return `${title}  ${showText(suggestion.why, MAX_REASON)}\n`;
  const how = 'save this beside the policy, or paste its rule under `rules:`';
  // It has nothing in it that cannot be shown: what does is never suggested.
  return `${title}  ${how}\n\n${suggestion.yaml}`;
}
