const ISO_8601 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})$/;

/** The largest distance from the epoch that a `Date` can hold, in ms. */
const MAX_MS = 8.64e15;

/**
 * Reads a point in time: an integer of ms since the epoch, or ISO 8601 text with an offset.
 * Undefined for anything else, a day that the calendar does not have included.
 */
export function parseTimestamp(value: unknown): number | undefined {
  if (typeof value === 'number') return isTimestamp(value) ? value : undefined;
  return typeof value === 'string' ? parseIsoTimestamp(value) : undefined;
}

/** Whether a number is a point in time in ms since the epoch. */
export function isTimestamp(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(value as number) <= MAX_MS;
}

function parseIsoTimestamp(text: string): number | undefined {
  const match = ISO_8601.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0)) as [number, number, number, number, number, number];
  if (hour > 23 || minute > 59 || second > 59 || !isCalendarDay(year, month, day)) return undefined;
  const offset = parseOffset(match[8] ?? 'Z');
  if (offset === undefined) return undefined;
  const ms = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, ms);
  return date.getTime() - offset * 60_000;
}

function isCalendarDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return day <= last.getUTCDate();
}

/** The offset from UTC in minutes. */
function parseOffset(text: string): number | undefined {
  if (text === 'Z') return 0;
  const hours = Number(text.slice(1, 3));
  const minutes = Number(text.slice(4, 6));
  if (hours > 23 || minutes > 59) return undefined;
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
