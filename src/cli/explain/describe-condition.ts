/** What a condition asks of a connect, as a person would say it. */

import { factValue, type Unmet } from '../../engine/index.js';
import { type Circumstances, type FactName, isUnknown } from '../../model/index.js';
import type { AddressSource, Condition, Limit, Rule, SetForms } from '../../policy/index.js';
import { listSome, showValue } from '../render/show-value.js';

/** What of a rule is not as it should be: the condition, what the connect would have to be, and what it is. */
export function describeUnmet(unmet: Unmet, rule: Rule, circumstances: Circumstances): string {
  switch (unmet.part) {
    case 'when': {
      const [{ condition, reads }] = unmet.conditions;
      const facts = reads.map((fact) => `${fact} is ${showFact(fact, circumstances)}`);
      const is = facts.length > 0 ? ` (${facts.join(', ')})` : '';
      return `${condition.key}: ${describeWanted(condition)}${is}`;
    }
    case 'unless': {
      const conditions = unmet.conditions.map(
        ({ condition }) => `${condition.key}: ${showValue(condition.written)}`,
      );
      return `unless: not all of this may hold: ${conditions.join('; ')}`;
    }
    case 'expires':
      return `expires: come before ${showTime(rule.expires)} (now is ${showFact('now', circumstances)})`;
    case 'limit':
      return rule.limit ? describeUnmetLimit(rule.limit, circumstances) : 'limit';
  }
}

/** The facts without which it cannot be told whether a limit has room. */
export function unknownOfLimit({ by, perMs }: Limit, circumstances: Circumstances): FactName[] {
  const reads: FactName[] = [
    ...(by === 'rule' ? [] : [by]),
    ...(perMs === undefined ? [] : ['now' as const]),
  ];
  return reads.filter((fact) => isUnknown(fact, circumstances));
}

function describeUnmetLimit(limit: Limit, circumstances: Circumstances): string {
  const unknown = unknownOfLimit(limit, circumstances);
  const why = unknown.length > 0 ? `unknown: ${unknown.join(', ')}` : 'it is spent';
  return `limit: have room under ${describeLimit(limit)} (${why})`;
}

/** The value of a fact for a person. */
function showFact(fact: FactName, circumstances: Circumstances, max?: number): string {
  const value = factValue(fact, circumstances);
  if (value === null) return 'unknown';
  if ((fact === 'now' || fact === 'ts') && typeof value === 'number') return showTime(value);
  return showValue(value, max);
}

/** A time as ISO 8601. */
export function showTime(ms: number | undefined): string {
  const date = new Date(ms ?? Number.NaN);
  return Number.isNaN(date.getTime()) ? 'unknown' : date.toISOString();
}

const UNITS = [
  [604_800_000, 'w'],
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const;

/** A limit as it is written. */
export function describeLimit({ max, perMs, by }: Limit): string {
  const unit = UNITS.find(([ms]) => perMs !== undefined && perMs % ms === 0);
  const per =
    perMs === undefined
      ? ''
      : `, per: ${unit ? `${perMs / unit[0]}${unit[1]}` : `${perMs / 1000}s`}`;
  return `{ max: ${max}${per}, by: ${by} }`;
}

function describeWanted(condition: Condition): string {
  switch (condition.key) {
    case 'from':
      return `come from ${listSome(condition.sources.map(describeSource))}`;
    case 'role':
    case 'roles':
    case 'scopes':
    case 'commands':
      return condition.forms === 'anything'
        ? 'say what is asked for'
        : describeForms(condition.forms);
    case 'device':
      return `be a device of ${showValue(condition.written)}`;
    case 'forwarded':
      return `be ${condition.value}`;
    case 'time':
      return `fall in ${showValue(condition.written)}`;
    case 'logic':
      return `make this true: ${showValue(condition.written)}`;
    case 'clientMode':
    case 'kind':
    case 'authMethod':
      return `be ${listSome(condition.words)}`;
    default:
      return `be ${listSome(condition.patterns.map((pattern) => showValue(pattern)))}`;
  }
}

/** A source of `from`; a named one with what it stands for. */
function describeSource(source: AddressSource): string {
  if (source.kind !== 'networks' || !source.text.startsWith('@')) return source.text;
  return `${source.text} = ${listSome(source.networks.map(({ text }) => text))}`;
}

function describeForms({ within, all, any, none }: SetForms): string {
  return [
    within && (within.length === 0 ? 'ask for nothing' : `ask only for ${listSome(within)}`),
    all && `ask for all of ${listSome(all)}`,
    any && `ask for one of ${listSome(any)}`,
    none && `ask for none of ${listSome(none)}`,
  ]
    .filter((part) => part !== undefined)
    .join(', and ');
}
