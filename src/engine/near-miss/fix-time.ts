/** When a connect would have to be made, so that a `time` condition comes out as wanted. */
import { isTimestamp } from '../../model/index.js';
import type { Hours } from '../../policy/index.js';
import { isWithinHours, localTime } from '../local-time.js';
import type { Change } from './change-connect.js';

const MINUTE = 60_000;
const DAY = 1_440;
/** Where the time is not known any will do: a Monday. */
export const SOME_TIME = Date.UTC(2026, 0, 5);
/** A change of the clocks in between moves an edge by so much. */
const CLOCK_CHANGES = [0, -60, 60, -30, 30] as const;

/** The first moment after `now`, and the last edge before it, that lies in the hours, or outside of them. */
export function momentsNear(hours: Hours, now: number = SOME_TIME, isWithin = true): Change[] {
  const start = Math.floor(now / MINUTE) * MINUTE;
  const { minute } = localTime(start, hours.zone);
  const edges = hours.between ? [hours.between.from, hours.between.to] : [0];
  const moments = [0, 1, 2, 3, 4, 5, 6, 7, 8]
    .flatMap((day) => [day * DAY, -day * DAY])
    .flatMap((day) => edges.map((edge) => day + edge - minute))
    .flatMap((edge) => CLOCK_CHANGES.map((shift) => start + (edge + shift) * MINUTE))
    .filter((moment) => isTimestamp(moment) && isWithinHours(hours, moment) === isWithin)
    .sort((a, b) => a - b);
  const after = moments.find((moment) => moment >= now);
  const before = moments.findLast((moment) => moment < now);
  return [after, before].flatMap((moment) => (moment === undefined ? [] : [{ now: moment }]));
}
