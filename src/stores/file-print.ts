import { type BigIntStats, statSync } from 'node:fs';

/** What tells one state of a file from another without reading it. */
export type FilePrint = string;

/** The print of a file, links followed; undefined where there is none. */
export function printOf(path: string): FilePrint | undefined {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && printOfStats(stats);
}

/** The print of what `stat` answered. */
export function printOfStats(stats: BigIntStats): FilePrint {
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
