import { DAYS, type Day } from '../model/index.js';
import type { Hours } from '../policy/index.js';

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Whether a point in time (ms since the epoch) falls in the days and hours. */
export function isWithinHours({ days, between, zone }: Hours, now: number): boolean {
  const { day, minute } = localTime(now, zone);
  const isListed = (index: number) => !days || days.includes(DAYS[(index + 7) % 7] as Day);
  if (!between) return isListed(day);
  const { from, to } = between;
  if (from < to) return isListed(day) && minute >= from && minute < to;
  // Hours over midnight belong to the day on which they start.
  return (isListed(day) && minute >= from) || (isListed(day - 1) && minute < to);
}

/** The weekday (0 is Sunday) and the minute of the day that a clock in the zone shows. */
export function localTime(
  now: number,
  zone: string,
): { readonly day: number; readonly minute: number } {
  const parts = formatOf(zone).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return {
    day: DAYS.indexOf(part('weekday').toLowerCase() as Day),
    minute: Number(part('hour')) * 60 + Number(part('minute')),
  };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  FORMATS.set(zone, format);
  return format;
}
