import type { Place } from '../model/index.js';

const LINE_FEED = 0x0a;

/** The place of an offset in a file's bytes. */
export function placeOf(file: string, bytes: Buffer, offset: number): Place {
  const end = Math.min(offset, bytes.length);
  let line = 1;
  let start = 0;
  for (
    let at = bytes.indexOf(LINE_FEED);
    at >= 0 && at < end;
    at = bytes.indexOf(LINE_FEED, at + 1)
  ) {
    line += 1;
    start = at + 1;
  }
  const column = bytes.toString('utf8', start, end).length + 1;
  return { file, line, column, endLine: line, endColumn: column + 1 };
}
