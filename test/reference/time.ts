import type { PlainTimeCondition } from './plain-policy.js';

const MINUTES_OF_A_DAY = 24 * 60;
const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const MS_OF_UNIT: Record<string, number> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
/** ECMAScript has no date further from the epoch than this, in milliseconds. */
export const LAST_MS = 8.64e15;

const ISO_TIME =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)T(?<hour>\d\d):(?<minute>\d\d)(?::(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?)?(?:Z|(?<sign>[+-])(?<offsetHour>\d\d):(?<offsetMinute>\d\d))$/;

/** The milliseconds since the epoch of `YYYY-MM-DDTHH:MM[:SS[.f…]]` with `Z` or an offset, or undefined if it is none. */
export function parseTime(text: string): number | undefined {
  const match = ISO_TIME.exec(text);
  // In JavaScript `$` without the flag m is the end of the text alone, so no line end can hide behind it.
  if (match === null) return undefined;
  const number = (name: string): number => Number(match.groups?.[name] ?? '0');
  if (number('hour') > 23 || number('minute') > 59 || number('second') > 59) return undefined;
  if (number('offsetHour') > 23 || number('offsetMinute') > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(number('year'), number('month') - 1, number('day'));
  // A day that the month does not have runs over into the next month.
  if (date.getUTCMonth() !== number('month') - 1 || date.getUTCDate() !== number('day'))
    return undefined;
  // What is finer than a millisecond is cut.
  const ms = Number(`${match.groups?.['fraction'] ?? ''}000`.slice(0, 3));
  date.setUTCHours(number('hour'), number('minute'), number('second'), ms);
  const offset = (number('offsetHour') * 60 + number('offsetMinute')) * 60_000;
  return match.groups?.['sign'] === '-' ? date.getTime() + offset : date.getTime() - offset;
}

/** The milliseconds of a valid duration such as `45s`, `30m`, `1h` or `7d`. */
export function parseDuration(text: string): number {
  const perUnit = MS_OF_UNIT[text.slice(-1)];
  if (perUnit === undefined) throw new Error(`not a valid policy: ${text} is no duration`);
  return Number(text.slice(0, -1)) * perUnit;
}

/** Whether the time falls in the condition `time`. */
export function isInTime(condition: PlainTimeCondition, ms: number): boolean {
  const local = readClock(ms, condition.zone ?? 'UTC');
  const startDay = startOfPeriod(condition.between, local.minute);
  if (startDay === 'outside') return false;
  if (condition.days === undefined) return true;
  const weekday = startDay === 'today' ? local.weekday : (local.weekday + 6) % 7;
  return [condition.days].flat().includes(WEEKDAYS[weekday] ?? '');
}

/** The day on which the period started that this minute falls in. */
function startOfPeriod(
  between: string | undefined,
  minute: number,
): 'today' | 'yesterday' | 'outside' {
  if (between === undefined) return 'today';
  const [fromText = '', toText = ''] = between.split('-');
  const from = parseMinute(fromText);
  const to = parseMinute(toText);
  if (from < to) return minute >= from && minute < to ? 'today' : 'outside';
  if (minute >= from) return 'today';
  return minute < to ? 'yesterday' : 'outside';
}

function parseMinute(text: string): number {
  const [hour = '', minute = ''] = text.split(':');
  return Number(hour) * 60 + Number(minute);
}

/** The wall clock in a zone: the minute of the day, and the weekday counted from Monday. */
function readClock(ms: number, zone: string): { minute: number; weekday: number } {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    calendar: 'iso8601',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(ms);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? '';
  return {
    minute: (Number(part('hour')) * 60 + Number(part('minute'))) % MINUTES_OF_A_DAY,
    weekday: WEEKDAYS.indexOf(part('weekday').toLowerCase()),
  };
}
