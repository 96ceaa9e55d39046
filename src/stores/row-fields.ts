/** Reading the fields of rows that anyone may have written: a value of the wrong form counts as absent. */
import type { Row } from './tables.js';

/** Whether a value is a JSON object. */
export function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a field. */
export function textOf(row: Row | undefined, field: string): string | undefined {
  const value = row?.[field];
  return typeof value === 'string' ? value : undefined;
}

/** The number of a field. */
export function numberOf(row: Row | undefined, field: string): number | undefined {
  const value = row?.[field];
  return typeof value === 'number' ? value : undefined;
}

/** The texts of a field; undefined where it is no list, or one member is no text. */
export function textsOf(row: Row | undefined, field: string): readonly string[] | undefined {
  const value: unknown = row?.[field];
  if (!Array.isArray(value)) return undefined;
  return value.every((member) => typeof member === 'string') ? value : undefined;
}

/** The flags of a field; undefined where it is no object, or one of its members is no flag. */
export function flagsOf(
  row: Row | undefined,
  field: string,
): Readonly<Record<string, boolean>> | undefined {
  const value: unknown = row?.[field];
  if (!isRow(value)) return undefined;
  return Object.values(value).every((member) => typeof member === 'boolean')
    ? (value as Readonly<Record<string, boolean>>)
    : undefined;
}

/** The members of all lists, each once. */
export function union(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())];
}

/** Whether two lists have the same members, in whatever order. */
export function hasSameMembers(one: readonly string[], other: readonly string[]): boolean {
  const members = new Set(one);
  const others = new Set(other);
  return members.size === others.size && [...members].every((member) => others.has(member));
}

/** The same row without the fields that are `undefined`, as JSON has it. */
export function withoutUndefined(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined));
}
