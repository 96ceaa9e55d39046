/** Points in time, durations, hours and zones of the language. */
import { DAYS, type Day, isOneOf, parseDuration, parseTimestamp } from '../model/index.js';
import type { Hours } from './policy.js';
import { type ProblemList, quote } from './problem-list.js';
import { nodeAt, type SourceNode } from './source-node.js';

/** A point in time in ms since the epoch, or undefined with the problem added. */
export function resolveInstant(node: SourceNode, problems: ProblemList): number | undefined {
  const instant = parseTimestamp(node.value);
  if (instant === undefined) {
    const hint = 'write `2026-12-01T09:00:00Z` or an offset such as `+01:00`';
    problems.error('INVALID_TIME', node.place, `${quote(node.value)} is no point in time`, hint);
  }
  return instant;
}

/** A duration such as `30m`, `1h` or `7d` in ms, or undefined with the problem added. */
export function resolveDuration(node: SourceNode, problems: ProblemList): number | undefined {
  const duration = parseDuration(String(node.value));
  if (duration !== undefined) return duration;
  const hint = 'write a whole number and one of s, m, h, d, w, such as `30m` or `7d`';
  problems.error('INVALID_DURATION', node.place, `${quote(node.value)} is no duration`, hint);
  return undefined;
}

/** The hours of a `time` condition, or undefined with the problems added. */
export function resolveHours(node: SourceNode, problems: ProblemList): Hours | undefined {
  const days = nodeAt(node, ['days']);
  const between = nodeAt(node, ['between']);
  const zone = nodeAt(node, ['zone']);
  if (days === node && between === node) {
    problems.error(
      'EMPTY_VALUE',
      node.place,
      '`time` says neither days nor hours',
      'add `days` or `between`',
    );
    return undefined;
  }
  if (days !== node && days.items?.length === 0) {
    problems.error(
      'EMPTY_VALUE',
      days.place,
      'an empty list of days never holds',
      'list the days, or remove the key',
    );
  }
  const hours = between === node ? undefined : resolveBetween(between, problems);
  const zoneName = zone === node ? 'UTC' : resolveZone(zone, problems);
  if ((between !== node && !hours) || zoneName === undefined) return undefined;
  const listed = [days.value].flat().filter((day): day is Day => isOneOf(DAYS, day));
  return { days: days === node ? undefined : listed, between: hours, zone: zoneName };
}

function resolveBetween(node: SourceNode, problems: ProblemList): Hours['between'] {
  const match =
    /^([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00))$/.exec(
      String(node.value),
    );
  if (!match) {
    const hint = 'write `09:00-18:00`; the end may be `24:00`';
    problems.error('INVALID_HOURS', node.place, `${quote(node.value)} is no span of hours`, hint);
    return undefined;
  }
  const from = Number(match[1]) * 60 + Number(match[2]);
  const to = Number(match[3] ?? match[5]) * 60 + Number(match[4] ?? match[6]);
  if (from === to) {
    const hint = 'write `00:00-24:00` for the whole day';
    problems.error(
      'INVALID_HOURS',
      node.place,
      `${quote(node.value)} begins and ends at the same minute`,
      hint,
    );
    return undefined;
  }
  return { from, to };
}

function resolveZone(node: SourceNode, problems: ProblemList): string | undefined {
  const name = String(node.value);
  if (isZone(name)) return name;
  problems.error(
    'INVALID_ZONE',
    node.place,
    `there is no time zone ${quote(name)}`,
    'write one such as `Europe/Berlin`',
  );
  return undefined;
}

function isZone(name: string): boolean {
  // An offset such as `+01:00` is accepted by newer runtimes only: refuse it on all of them.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
