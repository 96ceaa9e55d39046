/** `--given FACT=VALUE`: what is filled in where a record has the fact unknown. */
import {
  assembleFacts,
  type CleanFields,
  cleanField,
  type Facts,
  normaliseRecord,
  startOf,
} from '../model/index.js';
import { closestWord, listWords, type ProblemList, quote } from '../policy/index.js';
import type { RawRecord } from './adapt-record.js';

/** A fact with the value that it gets where it is unknown. */
export interface GivenFact {
  readonly fact: keyof Facts;
  /** The fields of a record that give it this value. */
  readonly fields: RawRecord;
}

const FACTS = Object.keys(normaliseRecord({})) as readonly (keyof Facts)[];

/** What other facts are filled in by goes first, so that these fill-ins still hold; `isRepair` would hide what is given. */
const ORDER: readonly (keyof Facts)[] = [
  'kind',
  'authMethod',
  ...FACTS.filter((fact) => !['kind', 'authMethod', 'isRepair'].includes(fact)),
  'isRepair',
];

/** Reads `FACT=VALUE` texts; those that cannot be used are problems. */
export function parseGiven(texts: readonly string[], problems: ProblemList): readonly GivenFact[] {
  const given = new Map<keyof Facts, GivenFact>();
  for (const text of texts) {
    const one = parseOne(text, problems);
    if (!one) continue;
    if (given.has(one.fact)) {
      const message = `\`${one.fact}\` is given twice`;
      problems.error('ARGUMENT', startOf('--given'), message, 'keep one of them');
    }
    given.set(one.fact, one);
  }
  return [...given.values()].sort((a, b) => ORDER.indexOf(a.fact) - ORDER.indexOf(b.fact));
}

/** The record with each given fact that it does not have. */
export function fillIn(record: RawRecord, given: readonly GivenFact[]): RawRecord {
  let filled = record;
  let facts = normaliseRecord(record);
  for (const { fact, fields } of given) {
    if (facts[fact] !== undefined) continue;
    filled = { ...filled, ...fields };
    facts = normaliseRecord(filled);
  }
  return filled;
}

/** The facts of cleaned fields, with each given fact that they do not have. */
export function fillFacts(fields: CleanFields, given: readonly GivenFact[]): Facts {
  let filled = fields;
  let facts = assembleFacts(fields);
  for (const one of given) {
    if (facts[one.fact] !== undefined) continue;
    filled = { ...filled, ...cleanFields(one) };
    facts = assembleFacts(filled);
  }
  return facts;
}

function cleanFields({ fields }: GivenFact): Partial<CleanFields> {
  const names = Object.keys(fields) as (keyof CleanFields)[];
  return Object.fromEntries(names.map((name) => [name, cleanField(name, fields[name])]));
}

function parseOne(text: string, problems: ProblemList): GivenFact | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const refuse = (message: string, hint: string): undefined => {
    problems.error('ARGUMENT', startOf('--given'), message, hint);
  };
  const fact = name === 'role' ? 'roles' : FACTS.find((known) => known === name);
  if (fact === undefined) return refuse(`there is no fact ${quote(name)}`, hintForName(name));
  if (equals < 0) return refuse(`${quote(text)} has no value`, `write \`--given ${name}=VALUE\``);
  const written = text.slice(equals + 1);
  for (const value of readValue(written)) {
    const fields = fieldsOf(fact, value);
    // `authUser` is known only beside a method that verifies it.
    if (normaliseRecord({ authMethod: 'tailscale', ...fields })[fact] !== undefined)
      return { fact, fields };
  }
  return refuse(`${quote(written)} is no value of \`${fact}\``, hintForValue(fact));
}

/** JSON where it is JSON, else the text; digits may be meant as either. */
function readValue(text: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' ? [value, text] : [value];
  } catch {
    return [text];
  }
}

/** Both `role` and `roles` say which roles are asked for: what is there of them is replaced. */
function fieldsOf(fact: keyof Facts, value: unknown): RawRecord {
  return fact === 'roles' ? { role: undefined, roles: [value].flat() } : { [fact]: value };
}

function hintForName(name: string): string {
  if (name === 'now') return 'use `--now TIME`';
  if (name === 'ownAddresses') return 'use `--own-address IP`';
  const near = closestWord(name, [...FACTS, 'role']);
  return near === undefined ? `the facts are ${listWords(FACTS)}` : `did you mean \`${near}\`?`;
}

function hintForValue(fact: keyof Facts): string {
  if (fact === 'forwarded' || fact === 'isRepair' || fact === 'silent')
    return 'write `true` or `false`';
  if (fact === 'scopes' || fact === 'commands') {
    return `write a JSON list, such as \`--given '${fact}=[]'\``;
  }
  return 'docs/reference/facts.md says what each fact looks like';
}
